#include "medkit/pack.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "medkit/archive_writer.hpp"
#include "medkit/checksum_file.hpp"
#include "medkit/directory_scan.hpp"
#include "medkit/signature.hpp"

namespace mox::medkit {

namespace {

std::filesystem::path with_suffix(const std::filesystem::path& path, std::string_view suffix) {
    auto longer = path;
    longer += suffix;
    return longer;
}

/// A file under a temporary name; removed at the end of the scope unless it was given its own.
class UnfinishedFile {
public:
    static Expected<UnfinishedFile> beside(const std::filesystem::path& path) {
        auto temporary = with_suffix(path, ".new");
        auto file = open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, ErrorKind::medkit);
        if (!file) return pass_on(file);
        return UnfinishedFile(path, std::move(temporary), std::move(*file));
    }

    UnfinishedFile(UnfinishedFile&& other) noexcept
        : path_(std::move(other.path_)),
          temporary_(std::exchange(other.temporary_, {})),
          file_(std::move(other.file_)) {}
    UnfinishedFile& operator=(UnfinishedFile&&) = delete;
    ~UnfinishedFile() {
        if (!temporary_.empty()) ::unlink(temporary_.c_str());
    }

    [[nodiscard]] int file() const { return file_.get(); }
    [[nodiscard]] const std::filesystem::path& path_for_now() const { return temporary_; }

    /// Now it is complete: on the disk first, then under its name.
    Expected<void> finish() {
        if (::fsync(file_.get()) != 0) return fail_errno(ErrorKind::medkit, temporary_.native());
        if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
            return fail_errno(ErrorKind::medkit, path_.native());
        temporary_.clear();
        return {};
    }

private:
    UnfinishedFile(std::filesystem::path path, std::filesystem::path temporary, UniqueFd file)
        : path_(std::move(path)), temporary_(std::move(temporary)), file_(std::move(file)) {}

    std::filesystem::path path_;
    std::filesystem::path temporary_;
    UniqueFd file_;
};

/// A medkit that holds itself would change while it is packed.
Expected<void> check_output_is_outside(const std::vector<ScannedEntry>& entries, int output,
                                       const std::filesystem::path& archive) {
    struct stat status{};
    if (::fstat(output, &status) != 0) return fail_errno(ErrorKind::medkit, archive.native());
    const bool inside = std::ranges::any_of(entries, [&](const ScannedEntry& entry) {
        return entry.status.st_dev == status.st_dev && entry.status.st_ino == status.st_ino;
    });
    if (inside)
        return fail(ErrorKind::medkit,
                    archive.native() + " lies inside the directory that is packed. Write it elsewhere.");
    return {};
}

bool has_content(const ScannedEntry& entry) {
    return S_ISREG(entry.status.st_mode) && entry.hard_link_to.empty();
}

Bytes content_of(const std::vector<ScannedEntry>& entries) {
    Bytes sum;
    for (const auto& entry : entries)
        if (has_content(entry)) sum += Bytes{static_cast<std::uint64_t>(entry.status.st_size)};
    return sum;
}

Expected<void> write_archive(int root, const std::vector<ScannedEntry>& entries, ArchiveWriter& writer,
                             PackedMedkit& packed, const ByteProgress& progress) {
    Bytes done;
    const auto content_written = [&](Bytes piece) {
        done += piece;
        if (progress) progress(done, packed.unpacked);
    };
    for (const auto& entry : entries) {
        if (S_ISSOCK(entry.status.st_mode)) {
            packed.left_out.push_back(entry.path);
            continue;
        }
        if (auto added = writer.add(root, entry, content_written); !added) return added;
        ++packed.entries;
    }
    auto digests = writer.finish();
    if (!digests) return pass_on(digests);
    packed.sha256 = digests->sha256;
    packed.md5 = digests->md5;
    packed.packed = digests->packed;
    return {};
}

Expected<void> write_beside(const std::filesystem::path& archive, std::string_view suffix,
                            const std::string& text, PackedMedkit& packed) {
    auto path = with_suffix(archive, suffix);
    if (auto written = replace_file_durably(path, text, ErrorKind::medkit); !written) return written;
    packed.files.push_back(std::move(path));
    return {};
}

/// A signature of an earlier archive under this name would make the new one worthless.
Expected<void> remove_old_signature(const std::filesystem::path& archive) {
    const auto path = with_suffix(archive, ".sig");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(ErrorKind::medkit, path.native());
    return {};
}

Expected<void> write_companions(const std::filesystem::path& archive,
                                const std::optional<Signature>& signature, PackedMedkit& packed) {
    const auto name = archive.filename().native();
    auto written = write_beside(archive, ".sha256", checksum_line(to_hex(packed.sha256), name), packed);
    if (written) written = write_beside(archive, ".md5", checksum_line(to_hex(packed.md5), name), packed);
    if (!written || !signature) return written;
    packed.signer = signature->signer;
    return write_beside(archive, ".sig", to_text(*signature, "signed by key " + to_text(signature->signer)),
                        packed);
}

}  // namespace

Expected<PackedMedkit> pack_medkit(const std::filesystem::path& directory,
                                   const std::filesystem::path& archive, const SecretKey* key,
                                   const ByteProgress& progress) {
    auto root = open_file(directory, O_RDONLY | O_DIRECTORY, ErrorKind::medkit);
    if (!root) return pass_on(root);
    auto output = UnfinishedFile::beside(archive);
    if (!output) return pass_on(output);
    auto entries = scan_directory(root->get());
    if (!entries) return pass_on(entries, directory.native());
    if (auto outside = check_output_is_outside(*entries, output->file(), archive); !outside)
        return pass_on(outside);

    PackedMedkit packed;
    packed.unpacked = content_of(*entries);
    auto writer = ArchiveWriter::into(output->file(), archive.native());
    if (!writer) return pass_on(writer);
    if (auto written = write_archive(root->get(), *entries, *writer, packed, progress); !written)
        return pass_on(written, directory.native());

    std::optional<Signature> signature;
    if (key != nullptr) {
        auto made = sign_file(*key, output->path_for_now());
        if (!made) return pass_on(made);
        signature = *made;
    }
    if (auto removed = remove_old_signature(archive); !removed) return pass_on(removed);
    if (auto finished = output->finish(); !finished) return pass_on(finished);
    packed.files.push_back(archive);
    if (auto written = write_companions(archive, signature, packed); !written) return pass_on(written);
    return packed;
}

}  // namespace mox::medkit
