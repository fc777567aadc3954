#include "rescue/modes/flash_from_internet.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/run_on_thread.hpp"
#include "boot/contract.hpp"
#include "medkit/verify.hpp"
#include "network/connection.hpp"
#include "storage/card.hpp"
#include "update/card_in_slot.hpp"
#include "update/clock_sync.hpp"
#include "update/free_memory.hpp"
#include "update/install.hpp"
#include "update/medkit_download.hpp"
#include "update/medkit_installation.hpp"
#include "update/medkit_search.hpp"

namespace mox::rescue {

namespace {

using boost::asio::awaitable;

std::vector<StepPlan> steps() {
    std::vector<StepPlan> all{
        {"going online", 3}, {"downloading the medkit", 60}, {"checking the medkit", 15}};
    for (auto& step : update::installation_steps()) all.push_back(std::move(step));
    return all;
}

Expected<network::ConnectionSetup> connection_setup(const update::Context& context) {
    network::ConnectionSetup setup{.port = *context.system_paths.port,
                                   .lease_hook = context.system_paths.lease_hook,
                                   .resolver_configuration = context.system_paths.resolver_configuration,
                                   .fallback_name_servers = {}};
    for (const auto& text : context.board.fallback_name_servers) {
        const auto server = network::parse_ipv4(text);
        if (!server)
            return fail(ErrorKind::internal, text + " of the board's name servers is not an address");
        setup.fallback_name_servers.push_back(*server);
    }
    return setup;
}

/// Checks the card before the long download.
Expected<void> check_card(const storage::Drive& card) {
    TRY(storage::require_usable(card));
    TRY(storage::examine_card(card));
    return {};
}

/// The result is nullopt if the machine is already online.
awaitable<Expected<std::optional<network::Connection>>> go_online(update::Context& context) {
    context.progress.next_step();
    std::optional<network::Connection> connection;
    if (!context.system_paths.port) co_return connection;
    auto setup = CO_TRY(connection_setup(context));
    auto opened = co_await network::Connection::open(std::move(setup), context.log);
    if (!opened) co_return pass_on(opened);
    connection.emplace(std::move(*opened));
    co_return connection;
}

Expected<update::DownloadRequest> latest_medkit(const update::Context& context,
                                                const update::InternetSource& source) {
    auto medkit = TRY(source.directory.in_directory(medkit::latest_name(update::medkit_names(context))));
    const bool is_own_connection = context.system_paths.port.has_value();
    return update::DownloadRequest{
        .medkit = std::move(medkit),
        .authorities = context.system_paths.authorities,
        .tls = source.tls,
        .family = is_own_connection ? network::AddressFamily::ipv4 : network::AddressFamily::any,
    };
}

using Download = std::optional<Expected<update::DownloadedMedkit>>;

awaitable<Expected<update::DownloadedMedkit>> download_while_online(
    update::Context& context, const update::DownloadRequest& request,
    std::optional<network::Connection>& connection) {
    using namespace boost::asio::experimental::awaitable_operators;
    context.progress.next_step();
    Download download;
    auto work = async::run_on_thread([&] {
        download.emplace(update::download_medkit(request, context.log, context.progress.bytes()));
        return true;
    });
    if (!connection) {
        co_await std::move(work);
        co_return std::move(*download);
    }
    co_await (std::move(work) || connection->keep(context.log));
    const bool cut_off = !*download && download->error().kind() == ErrorKind::network;
    if (cut_off && !connection->is_plugged_in()) co_return pass_on(*download, "the cable has been unplugged");
    co_return std::move(*download);
}

Expected<void> verify_and_install(update::Context& context, const update::DownloadedMedkit& downloaded,
                                  const std::string& place, const storage::Drive& card) {
    context.progress.next_step();
    auto rules = update::installation_rules(context, card);
    rules.signature = medkit::SignatureNeed::required;
    auto medkit = TRY(
        update::verify_for_card(downloaded.directory(), downloaded.files(), rules, context.progress.bytes()),
        place);
    auto installed = update::install_medkit(context, {medkit, downloaded.files().archive, place}, card,
                                            boot::Mode::flash_from_internet);
    context.log.info(update::memory_used());
    return installed;
}

}  // namespace

awaitable<Expected<ModeOutcome>> flash_from_internet(update::Context& context) {
    context.progress.plan(steps());
    const auto card = co_await update::card_in_slot(context);
    if (!card) co_return std::unexpected(card.error());
    CO_TRY(check_card(*card));
    const auto source =
        CO_TRY(update::read_internet_source(context.board, context.command_line, context.environment));
    const auto request = CO_TRY(latest_medkit(context, source));
    update::advance_clock(context);

    auto connection = co_await go_online(context);
    if (!connection) co_return pass_on(connection);
    auto downloaded = co_await download_while_online(context, request, *connection);
    if (!downloaded) co_return pass_on(downloaded);
    connection->reset();  // the network is not needed any more

    const std::string server(source.directory.host());
    auto done = co_await async::run_on_thread(
        [&] { return verify_and_install(context, *downloaded, server, *card); });
    if (!done) co_return pass_on(done);
    co_return ModeOutcome::reboot;
}

}  // namespace mox::rescue
