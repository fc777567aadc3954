// A medkit from a server into a directory.
//
// Restart contract. NAME is the archive's name. What a stop leaves behind, by a signal, a crash or a power
// cut:
//
// clang-format off
//   1. NAME.part/ is made, and locked                 an empty directory
//   2. the companions are stored in it                small files in it; the next call gets them anew
//   3. NAME.part/version names the server's version   the archive in it is empty
//   4. NAME.part/NAME grows                           the next call goes on at its end, if the server still has
//                                                     that version of the size noted, else from the start
//   5. everything in it is verified, and synced       the same; a medkit that is refused is removed
//   6. companions of an older NAME that the new one   NAME, if there is one, is the older medkit; where
//      does not have are removed, then the new ones   companions of the new one do not fit it, mode 4 refuses it
//      are moved to their places
//   7. NAME is moved to its place                     the medkit is complete
//   8. NAME.part is removed                           the next call removes it
// clang-format on
//
// At no time there is a part of an archive under the name of a medkit. After a power cut blocks of step 4 may
// be missing: step 5 finds that.

#include "update/fetch_medkit.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/file.hpp"
#include "base/full_storage.hpp"
#include "base/interruption.hpp"
#include "base/text.hpp"
#include "medkit/keys.hpp"
#include "medkit/signature.hpp"
#include "update/medkit_parts.hpp"

namespace mox::update {

namespace {

namespace fs = std::filesystem;
using network::PartialDownload;

constexpr auto kind = ErrorKind::medkit;
constexpr std::array<std::string_view, 3> endings{".sig", ".sha256", ".md5"};
constexpr auto version_file = "version";

std::optional<std::string>& companion_of(medkit::MedkitFiles& files, std::string_view ending) {
    return ending == ".sig" ? files.signature : ending == ".sha256" ? files.sha256 : files.md5;
}

Expected<void> require_space(const fs::path& directory, Bytes to_come) {
    struct statvfs about{};
    if (::statvfs(directory.c_str(), &about) != 0) return fail_errno_at(kind, directory, errno);
    const Bytes free{static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize};
    if (to_come <= free) return {};
    return fail(kind,
                directory.native() + ": no room for the medkit: " + to_text(to_come) +
                    " more are needed, and " + to_text(free) + " are free",
                space_hint_at(directory, ENOSPC));
}

/// The directory NAME.part, locked as long as this object lives.
class Workshop {
public:
    static Expected<Workshop> open(const fs::path& directory, const std::string& name) {
        auto path = directory / (name + ".part");
        if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return fail_errno_at(kind, path, errno);
        auto open = TRY(open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, kind));
        if (::flock(open.get(), LOCK_EX | LOCK_NB) != 0)
            return fail(kind, path.native() + ": another program downloads this medkit just now",
                        {"wait until it has ended"});
        return Workshop(std::move(path), std::move(open), name);
    }

    [[nodiscard]] int fd() const { return directory_.get(); }
    [[nodiscard]] fs::path operator/(std::string_view name) const { return path_ / name; }

    /// What is stored of the version that `version` names. A file that is complete is one byte short here:
    /// the server tells by the last byte whether it still has this version.
    [[nodiscard]] PartialDownload stored(const std::string& url) const {
        const auto version = read_small_file(path_ / version_file, kind);
        std::error_code missing;
        const auto size = fs::file_size(path_ / name_, missing);
        if (!version || missing) return {};
        std::string_view text = *version;
        if (take_line(text) != url) return {};
        PartialDownload partial{.have = size, .validator = std::string(take_line(text))};
        partial.whole = whole_number<std::uint64_t>(take_line(text));
        if (!partial.whole || partial.have > *partial.whole) return {};
        if (partial.have == *partial.whole) partial.have -= partial.have > 0 ? 1 : 0;
        return partial;
    }

    [[nodiscard]] Expected<void> note_version(const std::string& url, const PartialDownload& partial) const {
        const auto whole = partial.whole ? std::to_string(*partial.whole) : std::string();
        return replace_file_durably(path_ / version_file,
                                    url + "\n" + partial.validator + "\n" + whole + "\n", kind);
    }

    /// Whether a part of the archive is stored, which may be needed again.
    [[nodiscard]] bool holds_a_part() const {
        std::error_code missing;
        return fs::exists(path_ / name_, missing);
    }

    /// Removes it with all that this program has put there.
    Expected<void> remove() const {
        for (const auto ending : endings) ::unlink((path_ / (name_ + std::string(ending))).c_str());
        ::unlink((path_ / name_).c_str());
        ::unlink((path_ / version_file).c_str());
        if (::rmdir(path_.c_str()) != 0) return fail_errno_at(kind, path_, errno);
        return {};
    }

private:
    Workshop(fs::path path, UniqueFd directory, std::string name)
        : path_(std::move(path)), directory_(std::move(directory)), name_(std::move(name)) {}

    fs::path path_;
    UniqueFd directory_;
    std::string name_;
};

class Fetch {
public:
    Fetch(const FetchRequest& request, Log& log, Progress& progress)
        : request_(request), log_(log), progress_(progress) {}

    Expected<FetchedMedkit> run();

private:
    Expected<void> get_companions(const Workshop& workshop);
    Expected<void> get_companion(const Workshop& workshop, std::string_view ending);
    Expected<void> check_signer(const Workshop& workshop);
    Expected<Bytes> get_archive(const Workshop& workshop);
    [[nodiscard]] bool has_same_signature(const Workshop& workshop) const;
    Expected<void> publish(const Workshop& workshop);
    Expected<medkit::VerifiedMedkit> verify(int directory, const medkit::MedkitFiles& files);
    Expected<std::optional<FetchedMedkit>> already_there(const Workshop& workshop);
    [[nodiscard]] fs::path target(std::string_view ending = {}) const {
        return request_.directory / (files_.archive + std::string(ending));
    }

    const FetchRequest& request_;
    Log& log_;
    Progress& progress_;
    medkit::MedkitFiles files_;
};

Expected<void> Fetch::get_companion(const Workshop& workshop, std::string_view ending) {
    auto name = files_.archive + std::string(ending);
    const auto url = TRY(network::Url::parse(request_.medkit.text() + std::string(ending)));
    const auto path = workshop / name;
    const auto get = [&]() -> Expected<void> {
        const auto file = TRY(open_file(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, kind));
        auto rules = request_.download;
        rules.limits.largest = largest_companion;
        const network::DownloadTarget target{.file = file.get(),
                                             .check_free_space = {},
                                             .write_error = kind,
                                             .begins_with = beginning_of_companion(ending)};
        TRY(network::download(url, target, rules, log_, {}), name);
        const auto text = TRY(read_small_file(path, kind, largest_companion));
        TRY(check_companion(text, name, ending));
        if (::fsync(file.get()) != 0) return fail_errno_at(kind, path, errno);
        return {};
    };
    auto done = get();
    if (done)
        companion_of(files_, ending) = std::move(name);
    else
        ::unlink(path.c_str());
    return done;
}

/// A signature, and all checksums that the server has.
Expected<void> Fetch::get_companions(const Workshop& workshop) {
    auto signature = get_companion(workshop, ".sig");
    if (!signature && request_.verify.signature == medkit::SignatureNeed::required)
        return pass_on(signature, "no signature, and without one the medkit is not downloaded");
    TRY(fail_if_stopped());
    for (const auto ending : {std::string_view(".sha256"), std::string_view(".md5")})
        if (const auto checksum = get_companion(workshop, ending); !checksum)
            log_.info("without " + files_.archive + std::string(ending) + ": " + checksum.error().headline());
    TRY(fail_if_stopped());
    if (files_.signature || files_.sha256 || files_.md5) return {};
    return pass_on(signature, "neither a signature nor a checksum");
}

/// A key that is not trusted is reported before the long download.
Expected<void> Fetch::check_signer(const Workshop& workshop) {
    if (!files_.signature) return {};
    const auto text = TRY(read_small_file(workshop / *files_.signature, kind));
    const auto signature = TRY(medkit::parse_signature(text), *files_.signature);
    TRY(medkit::find_trusted_key(request_.verify.keys, signature.signer), *files_.signature);
    return {};
}

Expected<Bytes> Fetch::get_archive(const Workshop& workshop) {
    const auto path = workshop / files_.archive;
    const auto& url = request_.medkit.text();
    auto rules = request_.download;
    rules.stored = workshop.stored(url);
    const Bytes from{rules.stored.can_go_on() ? rules.stored.have : 0};
    if (from.count > 0) log_.info("an earlier download is continued at " + to_text(from));
    const auto file = TRY(open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, kind));
    Bytes went_on = from;
    const auto begun = [&](const PartialDownload& partial) -> Expected<void> {
        if (partial.have > 0) return {};
        if (from.count > 0) log_.warning("the server has another version: from the start");
        went_on = {};
        return workshop.note_version(url, partial);
    };
    const network::DownloadTarget target{
        .file = file.get(),
        .check_free_space = [this](Bytes to_come) { return require_space(request_.directory, to_come); },
        .write_error = kind,
        .begins_with = std::string(gzip_beginning),
        .begun = std::ref(begun)};
    progress_.next_step();
    // The rate is that of this call.
    const auto progress = [&](Bytes done, Bytes total) {
        progress_.advance(done - went_on, total - went_on);
    };
    auto size = network::download(request_.medkit, target, rules, log_, progress);
    const int reason = size ? 0 : size.error().reason();
    if (is_out_of_space(reason))
        return std::unexpected(
            std::move(size).error().replace_hint(space_hint_at(request_.directory, reason)));
    TRY(std::move(size), files_.archive);
    if (::fsync(file.get()) != 0) return fail_errno_at(kind, path, errno);
    return went_on;
}

Expected<medkit::VerifiedMedkit> Fetch::verify(int directory, const medkit::MedkitFiles& files) {
    progress_.next_step();
    auto verified = medkit::verify_medkit(directory, files, request_.verify, progress_.bytes());
    if (verified) progress_.finish();
    return verified;
}

/// Whether the medkit in the directory has the signature that the server has now.
bool Fetch::has_same_signature(const Workshop& workshop) const {
    if (!files_.signature) return false;
    const auto ours = read_small_file(target(".sig"), kind);
    const auto theirs = read_small_file(workshop / *files_.signature, kind);
    std::error_code missing;
    return ours && theirs && *ours == *theirs && fs::is_regular_file(target(), missing);
}

/// nullopt: the directory does not have this medkit, or it is damaged.
Expected<std::optional<FetchedMedkit>> Fetch::already_there(const Workshop& workshop) {
    if (!has_same_signature(workshop)) return std::nullopt;
    const auto open = TRY(open_file(request_.directory, O_RDONLY | O_DIRECTORY, kind));
    const auto files = TRY(medkit::find_beside(open.get(), files_.archive));
    progress_.plan({{"verify the medkit"}});
    auto verified = verify(open.get(), files);
    TRY(fail_if_stopped());
    if (!verified) {
        log_.warning("it is here already, but not in order: " + verified.error().headline());
        return std::nullopt;
    }
    TRY(workshop.remove());
    return FetchedMedkit{target(), std::move(*verified), {}, true};
}

Expected<void> move_file(const fs::path& from, const fs::path& to) {
    if (std::rename(from.c_str(), to.c_str()) != 0) return fail_errno_at(kind, to, errno);
    return {};
}

Expected<void> Fetch::publish(const Workshop& workshop) {
    for (const auto ending : endings) {
        const auto path = target(ending);
        if (const auto& companion = companion_of(files_, ending))
            TRY(move_file(workshop / *companion, path));
        else if (::unlink(path.c_str()) != 0 && errno != ENOENT)
            return fail_errno_at(kind, path, errno);
    }
    TRY(sync_directory(request_.directory, kind));
    TRY(move_file(workshop / files_.archive, target()));
    return sync_directory(request_.directory, kind);
}

Expected<FetchedMedkit> Fetch::run() {
    files_.archive = TRY(file_name(request_.medkit));
    const auto workshop = TRY(Workshop::open(request_.directory, files_.archive));
    auto companions = get_companions(workshop);
    if (companions) companions = check_signer(workshop);
    if (!companions) {
        if (!workshop.holds_a_part()) TRY(workshop.remove());
        return pass_on(companions);
    }
    if (auto there = TRY(already_there(workshop))) return std::move(*there);
    progress_.plan({{"download the medkit", 10}, {"verify the medkit", 1}});
    const auto from = TRY(get_archive(workshop));
    auto verified = verify(workshop.fd(), files_);
    if (!verified) {
        TRY(fail_if_stopped());
        TRY(workshop.remove());
        return pass_on(verified, "what was downloaded is refused, and was removed");
    }
    TRY(publish(workshop));
    TRY(workshop.remove());
    return FetchedMedkit{target(), std::move(*verified), from, false};
}

}  // namespace

Expected<FetchedMedkit> fetch_medkit(const FetchRequest& request, Log& log, Progress& progress) {
    return Fetch(request, log, progress).run();
}

}  // namespace mox::update
