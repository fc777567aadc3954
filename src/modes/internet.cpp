#include "modes/internet.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "medkit/verify.hpp"
#include "modes/blocking_work.hpp"
#include "modes/card_in_slot.hpp"
#include "modes/contract.hpp"
#include "modes/install.hpp"
#include "modes/internet_source.hpp"
#include "modes/medkit_installation.hpp"
#include "modes/memory_room.hpp"
#include "modes/right_time.hpp"
#include "network/connection.hpp"
#include "network/download.hpp"
#include "network/memory_folder.hpp"
#include "storage/card.hpp"

namespace mox::modes {

namespace {

using boost::asio::awaitable;

/// A signature has about 150 bytes.
constexpr Bytes largest_signature{16 << 10};
/// What a folder in memory takes besides the files in it.
constexpr Bytes bookkeeping{1 << 20};

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
    auto report = storage::examine_card(card);
    if (!report) return pass_on(report);
    return {};
}

/// Nothing in it when this machine is online by itself.
awaitable<Expected<std::optional<network::Connection>>> go_online(ModeContext& context) {
    context.progress.next_step();
    std::optional<network::Connection> connection;
    if (!context.surroundings.port) co_return connection;
    auto setup = connection_setup(context);
    if (!setup) co_return pass_on(setup);
    auto opened = co_await network::Connection::open(std::move(*setup), context.log);
    if (!opened) co_return pass_on(opened);
    connection.emplace(std::move(*opened));
    co_return connection;
}

/// What is downloaded, and where it goes.
struct Order {
    const InternetSource& source;
    const network::MemoryFolder& folder;
    medkit::MedkitFiles files;
};

Expected<void> download_file(ModeContext& context, const Order& order, const std::string& name, Bytes largest,
                             const ByteProgress& progress) {
    const auto url = order.source.folder.in_folder(name);
    if (!url) return std::unexpected(url.error());
    const auto file = order.folder.create(name);
    if (!file) return std::unexpected(file.error());
    const network::DownloadRules rules{
        .authorities = context.surroundings.authorities,
        .tls = order.source.tls,
        .family = context.surroundings.port ? network::AddressFamily::ipv4 : network::AddressFamily::any,
        .limits = {.largest = largest}};
    const network::DownloadTarget target{
        .file = file->get(), .room = memory_room(), .trouble = ErrorKind::medkit};
    auto size = network::download(*url, target, rules, context.log, progress);
    if (!size) return pass_on(size, name);
    context.log.info("downloaded " + name + ", " + to_text(*size));
    return {};
}

/// The signature first: without it the medkit is not worth the wait.
Expected<void> download_both(ModeContext& context, const Order& order, Bytes memory) {
    context.progress.next_step();
    if (auto done = download_file(context, order, *order.files.signature, largest_signature, {}); !done)
        return done;
    return download_file(context, order, order.files.archive, memory, context.progress.bytes());
}

awaitable<Expected<void>> download_while_online(ModeContext& context, const Order& order, Bytes memory,
                                                std::optional<network::Connection>& connection) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto download = on_own_thread([&] { return download_both(context, order, memory); });
    if (!connection) co_return co_await std::move(download);
    auto first = co_await (std::move(download) || connection->keep(context.log));
    auto& done = std::get<0>(first);
    if (!done && done.error().kind() == ErrorKind::network && !connection->is_plugged_in())
        co_return pass_on(done, "the cable has been unplugged");
    co_return std::move(done);
}

Expected<void> verify_and_install(ModeContext& context, const Order& order, const storage::Drive& card) {
    context.progress.next_step();
    auto rules = installation_rules(context, card);
    rules.signature = medkit::SignatureNeed::required;
    auto medkit = medkit::verify_medkit(order.folder.fd(), order.files, rules, context.progress.bytes());
    if (!medkit) return pass_on(medkit, std::string(order.source.folder.host()));
    return install_medkit(context, {*medkit, order.files.archive, std::string(order.source.folder.host())},
                          card, selection::Mode::flash_from_internet);
}

medkit::MedkitFiles latest_medkit(const ModeContext& context) {
    const auto variant = context.variant.value_or(medkit_variant(context.environment.get("contract")));
    medkit::MedkitFiles files;
    files.archive = latest_medkit_name(variant);
    files.signature = files.archive + ".sig";
    return files;
}

}  // namespace

awaitable<Expected<Afterwards>> flash_from_internet(ModeContext& context) {
    context.progress.plan(steps());
    const auto card = co_await card_in_slot(context);
    if (!card) co_return std::unexpected(card.error());
    if (auto usable = check_card(*card); !usable) co_return pass_on(usable);
    const auto source = read_internet_source(context.board, context.command_line, context.environment);
    if (!source) co_return std::unexpected(source.error());
    const auto memory = memory_for_download();
    if (!memory) co_return std::unexpected(memory.error());
    const auto folder = network::MemoryFolder::make(*memory + largest_signature + bookkeeping);
    if (!folder) co_return std::unexpected(folder.error());
    put_clock_right(context);

    auto connection = co_await go_online(context);
    if (!connection) co_return pass_on(connection);
    const Order order{.source = *source, .folder = *folder, .files = latest_medkit(context)};
    auto downloaded = co_await download_while_online(context, order, *memory, *connection);
    if (!downloaded) co_return pass_on(downloaded);
    connection->reset();  // nobody needs the network any more

    auto done = co_await on_own_thread([&] { return verify_and_install(context, order, *card); });
    if (!done) co_return pass_on(done);
    co_return Afterwards::reboot;
}

}  // namespace mox::modes
