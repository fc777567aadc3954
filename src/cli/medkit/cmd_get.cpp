// `medkit get`: downloads a medkit into a directory. Its restart contract is that of update/fetch_medkit.cpp.

#include <string>
#include <utility>

#include "base/interruption.hpp"
#include "board/board_file.hpp"
#include "cli/medkit/commands.hpp"
#include "cli/medkit/location.hpp"
#include "cli/medkit/report.hpp"
#include "medkit/medkit_files.hpp"
#include "network/url.hpp"
#include "update/context.hpp"
#include "update/fetch_medkit.hpp"

namespace mox::cli {

namespace {

Expected<network::Url> url_of(const GetMedkit& command, const board::Description& board) {
    if (command.medkit && command.medkit->contains("://")) return network::Url::parse(*command.medkit);
    const auto server = command.server.value_or(board.medkit_url);
    if (server.empty())
        return fail(ErrorKind::network, "no server is known for a " + board.name,
                    {"name one with --server URL"});
    const auto directory = TRY(network::Url::parse(server));
    return directory.in_directory(
        command.medkit.value_or(medkit::latest_name({.board = board.medkit_prefix})));
}

}  // namespace

Expected<std::string> run(const GetMedkit& command, console::Reporter& reporter) {
    const Interruption interruption;
    const auto board = TRY(board::board_of_file_or_mox(command.board));
    std::error_code unreadable;
    if (!std::filesystem::is_directory(command.directory, unreadable))
        return fail(ErrorKind::medkit, command.directory.native() + " is not a directory",
                    {"make it first, or name another one with --directory"});
    update::FetchRequest request{.medkit = TRY(url_of(command, board)),
                                 .directory = command.directory,
                                 .download = {.authorities = update::SystemPaths().authorities},
                                 .verify = verify_rules(board, command.keys)};
    if (!command.is_unsigned) request.verify.signature = medkit::SignatureNeed::required;
    const auto fetched = TRY(update::fetch_medkit(request, reporter.log, reporter.progress));
    return command.json ? report_json(fetched, request.medkit.text()) : report(fetched);
}

}  // namespace mox::cli
