// What a power cut leaves behind, for NAME.tar.gz:
//
// clang-format off
//   1. write archive and companions without names, fsync         no files (on FAT a file .mox-*)
//   2. remove companions of an earlier NAME.tar.gz, fsync of     the earlier archive, if any, without them
//      the directory
//   3. give the archive its name                                 the new archive, without companions
//   4. give the companions their names, fsync of the directory   all companions, or some of them
//   5. with Existing::replace: remove the other format           both formats: the new and the old one
// clang-format on

#include "backup/export_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>

#include "base/file.hpp"
#include "base/interruption.hpp"
#include "base/unique_fd.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/source_file.hpp"

namespace mox::backup {

namespace {

namespace fs = std::filesystem;

constexpr auto kind = ErrorKind::medkit;
constexpr unsigned owner_only = 0600;
constexpr std::array<std::string_view, 2> archive_endings{".tar.gz", ".tar.gz.gpg"};
constexpr std::string_view info_ending = ".info";

bool entry_exists(const fs::path& path) {
    struct stat about{};
    return ::lstat(path.c_str(), &about) == 0;
}

Expected<void> require_no_backup(const fs::path& directory, const std::string& name) {
    for (const auto ending : archive_endings)
        if (const auto path = directory / (name + std::string(ending)); entry_exists(path))
            return fail(kind, path.native() + " is there already",
                        {"replace it with --force, or export into another directory"});
    return {};
}

/// Whether a companion is that of an earlier X.tar.gz ("X.tar.gz.SIG"). Another name belongs to another
/// archive, even if verification would also use it for this one (medkit_files.hpp).
bool is_named_after(const std::string& name, const std::string& archive) {
    return name.size() > archive.size() &&
           std::ranges::equal(name.substr(0, archive.size()), archive, [](char a, char b) {
               const auto lower = [](char c) {
                   return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
               };
               return lower(a) == lower(b);
           });
}

/// Refuses files of other archives: mode 4 and `import` would unpack an extra archive over the export, and
/// would refuse the export because of another archive's signature.
Expected<void> require_no_foreign_files(const fs::path& directory, const std::string& archive) {
    auto open = TRY(open_file(directory, O_RDONLY | O_DIRECTORY, kind));
    auto files = TRY(medkit::find_beside(open.get(), archive), directory.native());
    const auto refuse = [&](const std::string& name, const std::string& effect) {
        return fail(
            kind,
            (directory / medkit::printable_name(name)).native() + " would be " + effect + " this export",
            {"move it away, or export into another directory"});
    };
    if (files.extra) return refuse(*files.extra, "unpacked over");
    if (files.signature && !is_named_after(*files.signature, archive))
        return refuse(*files.signature, "taken for the signature of");
    return {};
}

Expected<void> remove_if_there(const fs::path& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(kind, path.native());
    return {};
}

/// The files that verification would use as companions of `archive`, in letters of either case.
Expected<std::vector<std::string>> companions_of(const fs::path& directory, const std::string& archive) {
    auto open = TRY(open_file(directory, O_RDONLY | O_DIRECTORY, kind));
    auto files = TRY(medkit::find_beside(open.get(), archive), directory.native());
    std::vector<std::string> names{archive + std::string(info_ending)};
    for (const auto& beside : {files.signature, files.sha256, files.md5})
        if (beside && is_named_after(*beside, archive)) names.push_back(*beside);
    return names;
}

}  // namespace

ExportFiles::ExportFiles(fs::path directory, std::string name, Existing existing, AtomicFile archive)
    : directory_(std::move(directory)),
      name_(std::move(name)),
      existing_(existing),
      archive_(std::move(archive)) {}

Expected<ExportFiles> ExportFiles::begin(const fs::path& directory, std::string name, ExportFormat format,
                                         Existing existing) {
    const auto archive = name + std::string(archive_endings.at(format == ExportFormat::encrypted ? 1 : 0));
    TRY(require_no_foreign_files(directory, archive));
    if (existing == Existing::keep) TRY(require_no_backup(directory, name));
    auto file = TRY(AtomicFile::create(directory / archive, kind, owner_only));
    return ExportFiles(directory, std::move(name), existing, std::move(file));
}

Expected<void> ExportFiles::add(const std::string& name, std::string_view content) {
    auto file = TRY(AtomicFile::create(directory_ / name, kind, owner_only));
    TRY(write_all(file.file(), content, file.path().native(), kind));
    companions_.push_back(std::move(file));
    return {};
}

Expected<void> ExportFiles::sync_content() const {
    TRY(archive_.sync());
    for (const auto& companion : companions_) TRY(companion.sync());
    return {};
}

Expected<void> ExportFiles::remove_leftovers() const {
    auto names = TRY(companions_of(directory_, archive_.path().filename().native()));
    names.push_back(name_ + std::string(info_ending));
    for (const auto& name : names) TRY(remove_if_there(directory_ / name));
    return sync_directory(directory_, kind);
}

Expected<void> ExportFiles::publish_companions() {
    std::vector<fs::path> done;
    const auto undo = [&done] {
        for (const auto& path : done) ::unlink(path.c_str());
    };
    for (auto& companion : companions_) {
        if (auto published = companion.publish(Existing::keep); !published) {
            undo();
            return published;
        }
        done.push_back(companion.path());
    }
    auto synced = sync_directory(directory_, kind);
    if (!synced) undo();
    return synced;
}

Expected<void> ExportFiles::remove_other_format() const {
    for (const auto ending : archive_endings) {
        const auto other = directory_ / (name_ + std::string(ending));
        if (other == archive_.path() || !entry_exists(other)) continue;
        auto names = TRY(companions_of(directory_, other.filename().native()));
        TRY(remove_if_there(other));
        for (const auto& name : names) TRY(remove_if_there(directory_ / name));
    }
    return sync_directory(directory_, kind);
}

Expected<std::vector<fs::path>> ExportFiles::finish() {
    TRY(sync_content());
    if (existing_ == Existing::keep) TRY(require_no_backup(directory_, name_));
    const auto commit = TRY(Commit::begin());
    TRY(remove_leftovers());
    const bool replaces = entry_exists(archive_.path());
    TRY(archive_.publish(existing_));
    if (auto published = publish_companions(); !published) {
        if (replaces)
            return pass_on(published,
                           archive_.path().native() + " is complete, but its companion files are not");
        ::unlink(archive_.path().c_str());
        return pass_on(published);
    }
    if (existing_ == Existing::replace) TRY(remove_other_format());

    std::vector<fs::path> paths{archive_.path()};
    for (const auto& companion : companions_) paths.push_back(companion.path());
    return paths;
}

Expected<FileDigest> digest_of(int file, const std::string& name,
                               const std::vector<medkit::PackedListener>& listeners) {
    constexpr std::size_t block_size = 256 << 10;
    std::vector<std::byte> block(block_size);
    medkit::Sha256 sha256;
    medkit::Md5 md5;
    FileDigest result;
    for (;;) {
        const ssize_t got = ::pread(file, block.data(), block.size(), static_cast<off_t>(result.size.count));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return medkit::fail_reading(name, errno);
        if (got == 0) break;
        const auto piece = std::span(block).first(static_cast<std::size_t>(got));
        sha256.update(piece);
        md5.update(piece);
        for (const auto& listener : listeners) listener(piece);
        result.size += Bytes{piece.size()};
    }
    result.sha256 = sha256.finish();
    result.md5 = md5.finish();
    return result;
}

}  // namespace mox::backup
