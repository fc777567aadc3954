#include "panel/server/corrupt_medkit.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include "base/file.hpp"
#include "medkit/keys.hpp"
#include "medkit/secret_key.hpp"
#include "medkit/signature.hpp"

namespace mox::virtual_mox::panel {

namespace fs = std::filesystem;

namespace {

constexpr auto kind = ErrorKind::internal;

fs::path signature_of(const fs::path& archive) {
    return archive.string() + ".sig";
}

Expected<void> remove_signature(const fs::path& archive) {
    std::error_code failed;
    fs::remove(signature_of(archive), failed);
    if (failed) return fail_errno(kind, signature_of(archive).string(), failed.value());
    return {};
}

/// Flips a bit in the middle, as a bad stick does.
Expected<void> flip_bit(const fs::path& archive) {
    auto file = open_file(archive, O_RDWR, kind);
    if (!file) return pass_on(file);
    struct stat status{};
    if (::fstat(file->get(), &status) != 0) return fail_errno(kind, archive.string());
    unsigned char byte = 0;
    const auto middle = status.st_size / 2;
    if (::pread(file->get(), &byte, 1, middle) != 1) return fail_errno(kind, archive.string());
    byte ^= 0x10U;
    if (::pwrite(file->get(), &byte, 1, middle) != 1) return fail_errno(kind, archive.string());
    return {};
}

Expected<void> sign_by_stranger(const fs::path& archive) {
    const auto stranger = medkit::SecretKey::generate();
    if (!stranger) return std::unexpected(stranger.error());
    const auto signature = medkit::sign_file(*stranger, archive);
    if (!signature) return std::unexpected(signature.error());
    return replace_file_durably(signature_of(archive), medkit::to_text(*signature, "signed by a stranger"),
                                kind);
}

}  // namespace

Expected<void> corrupt_medkit(const fs::path& archive, StickContent content) {
    switch (content) {
        case StickContent::unsigned_medkit:
            return remove_signature(archive);
        case StickContent::corrupt:
            return flip_bit(archive);
        case StickContent::stranger:
            return sign_by_stranger(archive);
        case StickContent::good:
        case StickContent::files:
            break;
    }
    return {};
}

}  // namespace mox::virtual_mox::panel
