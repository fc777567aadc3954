#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox::backup {

// gpg encrypts exports with a password (OpenPGP, symmetric, AES-256), so that every PC can decrypt them.

/// A running gpg process. The destructor kills it unless `wait` was called.
class Gpg {
public:
    enum class Direction { encrypt, decrypt };

    /// Starts gpg with two open files as input and output; the caller keeps the descriptors. The password is
    /// passed through a pipe, not as an argument or in the environment. Errors (`internal`): gpg is not
    /// installed.
    [[nodiscard]] static Expected<Gpg> start(Direction direction, int input, int output,
                                             std::string_view password);

    Gpg(Gpg&& other) noexcept;
    Gpg& operator=(Gpg&&) = delete;
    Gpg(const Gpg&) = delete;
    Gpg& operator=(const Gpg&) = delete;
    ~Gpg();

    /// Waits for its end. Errors (`medkit`): gpg failed; with its messages (a wrong password, a damaged
    /// file).
    [[nodiscard]] Expected<void> wait();

    /// The status lines that it has written so far. Errors (`internal`): they cannot be read.
    [[nodiscard]] Expected<std::string> status_lines() const;

private:
    Gpg(pid_t pid, std::filesystem::path home, UniqueFd messages, UniqueFd status);

    pid_t pid_;
    std::filesystem::path home_;  ///< a temporary one: the user's keys and agent are not used
    UniqueFd messages_;
    UniqueFd status_;
};

/// Decrypts a file, from its position to its end, into another one. Accepts only a message with integrity
/// protection (check_decryption); after an error the content of `output` must not be used.
/// Errors: `medkit`: it cannot be decrypted, or the result is larger than `largest` (a message may unpack to
/// a thousand times its size); `card`: it cannot be written; `internal`: gpg is not installed.
[[nodiscard]] Expected<void> decrypt(int input, int output, std::string_view password, Bytes largest);

/// Checks by gpg's status lines (`--status-fd`; GnuPG's doc/DETAILS) that gpg decrypted exactly one message
/// and that its integrity protection was valid. The exit status does not show this: gpg also "decrypts" a
/// message that is only signed, compressed or stored, and messages before an encrypted one. Pure. Errors
/// (`medkit`): what the message is instead.
[[nodiscard]] Expected<void> check_decryption(std::string_view status_lines);

}  // namespace mox::backup
