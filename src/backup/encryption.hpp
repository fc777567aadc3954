#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox::backup {

// Exports are encrypted with a password by gpg (OpenPGP, symmetric, AES-256), so that every PC can open them.

/// A running gpg. It is killed at the end of the scope unless it was waited for.
class Gpg {
public:
    enum class Direction { encrypt, decrypt };

    /// Starts it between two open files; they are not taken over. The password goes through a pipe: it is in
    /// no argument list and no environment. Errors (`internal`): gpg is not installed.
    [[nodiscard]] static Expected<Gpg> start(Direction direction, int input, int output,
                                             std::string_view password);

    Gpg(Gpg&& other) noexcept;
    Gpg& operator=(Gpg&&) = delete;
    Gpg(const Gpg&) = delete;
    Gpg& operator=(const Gpg&) = delete;
    ~Gpg();

    /// Waits for its end. Errors (`medkit`): it failed, with what it said (a wrong password, a damaged file).
    [[nodiscard]] Expected<void> wait();

    /// Its status lines, as far as it has written them. Errors (`internal`).
    [[nodiscard]] Expected<std::string> status_lines() const;

private:
    Gpg(pid_t pid, std::filesystem::path home, UniqueFd messages, UniqueFd status);

    pid_t pid_;
    std::filesystem::path home_;  ///< keys and agent of the user are not touched
    UniqueFd messages_;
    UniqueFd status_;
};

/// Decrypts a file, from its position to its end, into another one. Only what gpg says it decrypted with
/// integrity protection is believed (encryption.hpp); after an error nothing that lies in `output` may be
/// used. Errors: `medkit`; also when more than `largest` comes out, for a message may unpack to a thousand
/// times its size. `card`: it cannot be written. `internal`: gpg is not installed.
[[nodiscard]] Expected<void> decrypt(int input, int output, std::string_view password, Bytes largest);

/// Whether gpg's status lines (`--status-fd`; GnuPG's doc/DETAILS) say that it decrypted exactly one message,
/// whose integrity protection was right. Its exit status does not say so: gpg also "decrypts" what is only
/// signed, compressed or stored, and messages in front of an encrypted one. Pure. Errors (`medkit`): what the
/// message is instead.
[[nodiscard]] Expected<void> check_decryption(std::string_view status_lines);

}  // namespace mox::backup
