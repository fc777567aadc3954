#include "network/download.hpp"

#include <fcntl.h>
#include <sys/mount.h>

#include <array>
#include <string>
#include <utility>

#include "base/interruption.hpp"

namespace mox::network {

namespace {

/// The download of one file, with one or more requests.
class Download {
public:
    Download(const Url& url, const DownloadTarget& target, const DownloadRules& rules, Log& log,
             const ByteProgress& progress)
        : target_(target), rules_(rules), log_(log), progress_(progress), retries_(rules.retry) {
        order_.url = url.text();
        order_.authorities = rules.authorities;
        order_.family = rules.family;
        order_.limits = rules.limits;
        order_.partial = rules.stored;
    }

    Expected<Bytes> run() {
        for (;;) {
            const auto before = order_.partial.have;
            TRY(fail_if_stopped());
            auto report = transfer(order_, target_, progress_);
            order_.partial = std::move(report.partial);
            const Bytes gained = Bytes{order_.partial.have} - Bytes{before};
            const bool all_there = order_.partial.whole && order_.partial.have == order_.partial.whole;
            if (report.end == TransferEnd::complete || (all_there && report.end == TransferEnd::interrupted))
                return Bytes{order_.partial.have};
            TRY(after(report.end, *report.error, gained));
        }
    }

private:
    /// Prepares the next try, or returns the error of the last one.
    Expected<void> after(TransferEnd end, const Error& error, Bytes gained) {
        switch (end) {
            case TransferEnd::distrusted:
                return trust_the_signature_alone(error);
            case TransferEnd::interrupted:
                return pause(error, gained);
            default:
                return std::unexpected(error);
        }
    }

    Expected<void> trust_the_signature_alone(const Error& error) {
        if (rules_.tls == TlsPolicy::strict || order_.peer == PeerCheck::none) return std::unexpected(error);
        log_.warning(error.describe());
        log_.warning(
            "going on with a server that is not verified: only a file with a trusted signature is used");
        order_.peer = PeerCheck::none;
        return {};
    }

    Expected<void> pause(const Error& error, Bytes gained) {
        const auto length = retries_.after_failure(gained);
        if (!length) return std::unexpected(error);
        log_.warning(error.describe() + "; trying again in " + to_text(*length) +
                     (order_.partial.can_go_on() ? ", from " + to_text(Bytes{order_.partial.have}) + " on"
                                                 : std::string()));
        return pause_unless_stopped(*length);
    }

    const DownloadTarget& target_;
    const DownloadRules& rules_;
    Log& log_;
    const ByteProgress& progress_;
    Retries retries_;
    TransferOrder order_;
};

}  // namespace

Expected<Bytes> download(const Url& url, const DownloadTarget& target, const DownloadRules& rules, Log& log,
                         const ByteProgress& progress) {
    log.info("downloading " + url.text());
    return Download(url, target, rules, log, progress).run();
}

Expected<MemoryDirectory> MemoryDirectory::make(Bytes size) {
    const std::array requests{storage::MountRequest{
        .type = "tmpfs",
        .options = {{"size", std::to_string(size.count)}, {"mode", "0700"}},
        .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
    }};
    auto mounted = storage::mount_detached("none", requests);
    if (!mounted)
        return fail_errno(ErrorKind::internal, "no directory in memory for the download",
                          mounted.error().error_number);
    return MemoryDirectory(std::move(*mounted));
}

Expected<UniqueFd> MemoryDirectory::create(const std::string& name) const {
    UniqueFd file(::openat(fd(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return fail_errno(ErrorKind::internal, name);
    return file;
}

}  // namespace mox::network
