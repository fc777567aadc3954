// `schnapps update-factory`.

#include <array>

#include "cli/schnapps/archive_input.hpp"
#include "cli/schnapps/entry.hpp"

namespace mox::cli::schnapps {

namespace {

constexpr std::array options{keys_option};

Expected<Command> make(const Parsed& parsed) {
    std::string source;
    if (!parsed.words.empty()) source = TRY(path_in(parsed.words.front(), "file"));
    return UpdateFactory{.source = source, .keys = keys_of(parsed)};
}

}  // namespace

const Entry update_factory_command{
    {.name = "update-factory",
     .words = "[FILE]",
     .help = "take a medkit (a file, an https:// address, or the latest) as the new "
             "factory image",
     .options = options},
    &make};

Expected<std::string> run(const UpdateFactory& command, Session& session) {
    return install_as_factory(command.source, update::Companions::signature,
                              TRY(source_rules(command.keys, {}, false)), session);
}

}  // namespace mox::cli::schnapps
