#include "cli/schnapps/remote/remote_call.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/schnapps/remote/password_question.hpp"
#include "remote/address.hpp"
#include "remote/open_store.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/uuid_text.hpp"
#include "storage/subvolume.hpp"

namespace mox::cli::schnapps {

namespace {

namespace fs = std::filesystem;

constexpr auto kind = ErrorKind::network;

/// The files that the section `remote` names besides the options that routers in the field know.
Expected<remote::AccessFiles> configured_files(const fs::path& root) {
    const auto file = TRY(snapshots::load_uci(root));
    const auto* const section = file.section("remote");
    if (section == nullptr) return remote::AccessFiles{};
    return remote::AccessFiles{.authorities = section->option("ca").value_or(""),
                               .ssh_configuration = section->option("ssh_config").value_or("")};
}

/// The first line of a file.
Expected<std::string> password_in(const fs::path& file) {
    const auto text = TRY(read_small_file(file, kind), "the password file");
    std::string_view rest = text;
    const auto line = take_line(rest);
    if (line.empty()) return fail(kind, file.native() + " holds no password in its first line");
    return std::string(line);
}

/// A user without a password: the server wants one, unless there are keys.
bool lacks_password(const remote::Address& address) {
    const bool is_http =
        address.transport == remote::Transport::webdav || address.transport == remote::Transport::nextcloud;
    return is_http && !address.user.empty() && address.password.empty();
}

}  // namespace

ServerChoice server_choice_in(const Parsed& parsed) {
    return {.url = parsed.value("--url"),
            .path = parsed.value("--path"),
            .user = parsed.value("--user"),
            .password_file = parsed.path("--password-file"),
            .authorities = parsed.path("--ca"),
            .ssh_configuration = parsed.path("--ssh-config")};
}

Expected<RemoteCall> begin_remote_call(const ServerChoice& choice, const Session& session) {
    auto configuration = TRY(session.configuration());
    const auto& configured = configuration.remote;
    auto files = TRY([&]() -> Expected<remote::AccessFiles> {
        const auto top = TRY(session.open(snapshots::Purpose::read));
        return configured_files(session.system_root(top));
    }());
    if (choice.authorities) files.authorities = *choice.authorities;
    if (choice.ssh_configuration) files.ssh_configuration = *choice.ssh_configuration;

    const auto url = choice.url.value_or(configured.url);
    if (choice.url && remote::has_password(*choice.url))
        session.print(
            "warning: a password in an argument can be seen by all users of this machine; use "
            "--password-file");
    // The path, user and password of the configuration belong to its URL, and are not used with another one.
    const bool is_configured_url = url == configured.url;
    remote::AddressDefaults defaults;
    if (is_configured_url) defaults = {configured.path, configured.user, configured.password};
    if (choice.path) defaults.path = *choice.path;
    if (choice.user && *choice.user != defaults.user) defaults.password.clear();
    if (choice.user) defaults.user = *choice.user;
    auto address = TRY(remote::parse_address(url, defaults));
    if (choice.user) address.user = *choice.user;
    if (choice.password_file) address.password = TRY(password_in(*choice.password_file));
    if (lacks_password(address)) {
        auto answer = TRY(ask_for_password("password of " + address.user + " on " + address.host + ": "));
        address.password = std::move(answer).value_or("");
    }
    return RemoteCall{
        .configuration = std::move(configuration),
        .store = remote::open_store(address, files),
        .patience = {.rules = {}, .say = [&session](std::string_view line) { session.print(line); }}};
}

std::unexpected<Error> end_with(remote::Failure&& failure, Session& session) {
    using enum remote::Cause;
    switch (failure.cause) {
        case refused:
        case missing:
        case exists:
        case full:
            session.set_exit_status(exit_refused);
            break;
        case wrong_answer:
            return std::unexpected(std::move(failure.error).as(ErrorKind::medkit));
        case unreachable:
        case local:
            break;
    }
    return std::unexpected(std::move(failure.error));
}

Expected<remote::SystemId> system_id(const snapshots::TopLevel& top) {
    remote::SystemId id;
    id.file_system = snapshots::to_text(TRY(storage::file_system_uuid(top.directory())));
    const bool has_factory = TRY(storage::subvolume_exists(top.directory(), snapshots::factory_name));
    if (!has_factory) return id;
    const auto factory = TRY(storage::subvolume_info(top.directory(), snapshots::factory_name));
    id.factory = snapshots::to_text(factory.uuid);
    return id;
}

Expected<std::vector<remote::LocalSnapshot>> local_snapshots(const snapshots::TopLevel& top) {
    std::vector<remote::LocalSnapshot> local;
    for (const auto& snapshot : TRY(snapshots::list_snapshots(top))) {
        remote::LocalSnapshot one{
            .number = snapshot.number, .type = snapshot.type, .id = {}, .usable = snapshot.usable()};
        const auto name = subvolume_of(snapshot.number);
        const bool exists = TRY(storage::subvolume_exists(top.directory(), name));
        if (exists) one.id = snapshots::to_text(TRY(storage::subvolume_info(top.directory(), name)).uuid);
        local.push_back(std::move(one));
    }
    return local;
}

}  // namespace mox::cli::schnapps
