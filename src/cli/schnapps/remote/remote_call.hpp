#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "cli/command_parser.hpp"
#include "cli/schnapps/session.hpp"
#include "remote/backup.hpp"
#include "remote/patience.hpp"
#include "remote/store.hpp"
#include "remote/sync_policy.hpp"
#include "snapshots/configuration.hpp"
#include "snapshots/top_level.hpp"

namespace mox::cli::schnapps {

// Exit statuses of the commands for backups on servers, besides those of the program: 1 is "not reachable".

inline constexpr int exit_refused = 6;        ///< the server was reached and does not do it
inline constexpr int exit_partly = 7;         ///< `sync`: some backups could not be uploaded or removed
inline constexpr int exit_nothing_to_do = 8;  ///< `upload`, `sync`: the server has all of it

/// The options that say which server, and how to log in. Each command has them.
inline constexpr std::array server_options{
    OptionEntry{.names = "--user", .value = "USER", .help = "user on the server"},
    OptionEntry{
        .names = "--password-file", .value = "FILE", .help = "file with the password in its first line"},
    OptionEntry{.names = "--ca",
                .value = "FILE",
                .help = "trusted certificate authorities (PEM), or the server's own certificate"},
    OptionEntry{.names = "--ssh-config", .value = "FILE", .help = "in place of ~/.ssh/config"},
};

/// The options of one table behind those of another.
template <std::size_t first_size, std::size_t second_size>
consteval auto join(const std::array<OptionEntry, first_size>& first,
                    const std::array<OptionEntry, second_size>& second) {
    std::array<OptionEntry, first_size + second_size> all{};
    std::ranges::copy(second, std::ranges::copy(first, all.begin()).out);
    return all;
}

/// The options of a command whose words do not name the server.
inline constexpr auto place_options = join(
    std::array{OptionEntry{.names = "--url", .value = "URL", .help = "server, by default the configured one"},
               OptionEntry{.names = "--path", .value = "PATH", .help = "directory below that of the URL"}},
    server_options);

/// Where the options of the command line come from; what is missing, the configuration says.
struct ServerChoice {
    std::optional<std::string> url{};
    std::optional<std::string> path{};
    std::optional<std::string> user{};
    std::optional<std::filesystem::path> password_file{};
    std::optional<std::filesystem::path> authorities{};
    std::optional<std::filesystem::path> ssh_configuration{};
};
[[nodiscard]] ServerChoice server_choice_in(const Parsed& parsed);

/// One call that works with a server.
struct RemoteCall {
    snapshots::Configuration configuration;
    std::unique_ptr<remote::Store> store;
    remote::Patience patience;
};

/// Reads the configuration, finds the password (file, URL, configuration, or a question on a terminal), and
/// makes the store. Nothing is sent. Errors: `network`: no valid URL, the password file cannot be read.
[[nodiscard]] Expected<RemoteCall> begin_remote_call(const ServerChoice& choice, const Session& session);

/// The error of a failure; sets the exit status.
[[nodiscard]] std::unexpected<Error> end_with(remote::Failure&& failure, Session& session);

/// TRY for a Result in a function that returns Expected: TRY(in_session(...)).
template <typename T>
[[nodiscard]] Expected<T> in_session(remote::Result<T>&& done, Session& session) {
    if (!done) return end_with(std::move(done).error(), session);
    if constexpr (std::is_void_v<T>)
        return {};
    else
        return *std::move(done);
}

/// The identity of the system on the card.
[[nodiscard]] Expected<remote::SystemId> system_id(const snapshots::TopLevel& top);

/// All snapshots with the UUIDs of their subvolumes. Errors (`card`): one of them cannot be read.
[[nodiscard]] Expected<std::vector<remote::LocalSnapshot>> local_snapshots(const snapshots::TopLevel& top);

}  // namespace mox::cli::schnapps
