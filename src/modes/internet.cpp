#include "modes/internet.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "medkit/verify.hpp"
#include "modes/blocking_work.hpp"
#include "modes/card_in_slot.hpp"
#include "modes/contract.hpp"
#include "modes/install.hpp"
#include "modes/internet_source.hpp"
#include "modes/medkit_download.hpp"
#include "modes/medkit_installation.hpp"
#include "modes/memory_room.hpp"
#include "modes/right_time.hpp"
#include "network/connection.hpp"
#include "storage/card.hpp"

namespace mox::modes {

namespace {

using boost::asio::awaitable;

std::vector<StepPlan> steps() {
    std::vector<StepPlan> all{
        {"going online", 3}, {"downloading the medkit", 60}, {"checking the medkit", 15}};
    for (auto& step : installation_steps()) all.push_back(std::move(step));
    return all;
}

Expected<network::ConnectionSetup> connection_setup(const ModeContext& context) {
    network::ConnectionSetup setup{.port = *context.surroundings.port,
                                   .lease_hook = context.surroundings.lease_hook,
                                   .resolver_configuration = context.surroundings.resolver_configuration,
                                   .fallback_name_servers = {}};
    for (const auto& text : context.board.fallback_name_servers) {
        const auto server = network::parse_ipv4(text);
        if (!server) return fail(ErrorKind::internal, text + " of the board's name servers is no address");
        setup.fallback_name_servers.push_back(*server);
    }
    return setup;
}

/// What would only be found out after the download, but can be known before it.
Expected<void> check_card(const storage::Drive& card) {
    if (card.size < storage::smallest_card)
        return fail(ErrorKind::card, card.describe() + " is too small: a system needs at least " +
                                         to_text(storage::smallest_card));
    TRY(storage::examine_card(card));
    return {};
}

/// Nothing in it when this machine is online by itself.
awaitable<Expected<std::optional<network::Connection>>> go_online(ModeContext& context) {
    context.progress.next_step();
    std::optional<network::Connection> connection;
    if (!context.surroundings.port) co_return connection;
    auto setup = CO_TRY(connection_setup(context));
    auto opened = co_await network::Connection::open(std::move(setup), context.log);
    if (!opened) co_return pass_on(opened);
    connection.emplace(std::move(*opened));
    co_return connection;
}

Expected<MedkitOrder> latest_medkit(const ModeContext& context, const InternetSource& source) {
    const auto variant = context.variant.value_or(medkit_variant(context.environment.get("contract")));
    auto medkit = TRY(source.folder.in_folder(latest_medkit_name(variant)));
    const bool our_own_connection = context.surroundings.port.has_value();
    return MedkitOrder{
        .medkit = std::move(medkit),
        .authorities = context.surroundings.authorities,
        .tls = source.tls,
        .family = our_own_connection ? network::AddressFamily::ipv4 : network::AddressFamily::any,
    };
}

using Download = std::optional<Expected<DownloadedMedkit>>;

awaitable<Expected<DownloadedMedkit>> download_while_online(ModeContext& context, const MedkitOrder& order,
                                                            std::optional<network::Connection>& connection) {
    using namespace boost::asio::experimental::awaitable_operators;
    context.progress.next_step();
    Download download;
    auto work = on_own_thread([&] {
        download.emplace(download_medkit(order, context.log, context.progress.bytes()));
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

Expected<void> verify_and_install(ModeContext& context, const DownloadedMedkit& downloaded,
                                  const std::string& place, const storage::Drive& card) {
    context.progress.next_step();
    auto rules = installation_rules(context, card);
    rules.signature = medkit::SignatureNeed::required;
    auto medkit =
        TRY(medkit::verify_medkit(downloaded.folder(), downloaded.files(), rules, context.progress.bytes()),
            place);
    auto installed = install_medkit(context, {medkit, downloaded.files().archive, place}, card,
                                    selection::Mode::flash_from_internet);
    context.log.info(memory_used());
    return installed;
}

}  // namespace

awaitable<Expected<Afterwards>> flash_from_internet(ModeContext& context) {
    context.progress.plan(steps());
    const auto card = co_await card_in_slot(context);
    if (!card) co_return std::unexpected(card.error());
    CO_TRY(check_card(*card));
    const auto source =
        CO_TRY(read_internet_source(context.board, context.command_line, context.environment));
    const auto order = CO_TRY(latest_medkit(context, source));
    put_clock_right(context);

    auto connection = co_await go_online(context);
    if (!connection) co_return pass_on(connection);
    auto downloaded = co_await download_while_online(context, order, *connection);
    if (!downloaded) co_return pass_on(downloaded);
    connection->reset();  // nobody needs the network any more

    const std::string server(source.folder.host());
    auto done =
        co_await on_own_thread([&] { return verify_and_install(context, *downloaded, server, *card); });
    if (!done) co_return pass_on(done);
    co_return Afterwards::reboot;
}

}  // namespace mox::modes
