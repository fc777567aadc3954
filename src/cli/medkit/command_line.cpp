#include "cli/medkit/command_line.hpp"

#include <algorithm>
#include <array>

#include "cli/command_parser.hpp"
#include "cli/compression_option.hpp"

namespace mox::cli {

namespace {

constexpr auto footer =
    "Exit status: 0 done, 1 network, 2 the medkit (or a key, a file, a stick) is not usable, 5 internal, 64 "
    "wrong\ncommand line, 77 not confirmed. Results go to standard output, messages to standard error. See "
    "medkit(1).";

constexpr auto default_keys = "/etc/mox-rescue/keys";

constexpr OptionEntry json_option{.names = "--json", .help = "print the result as JSON"};

constexpr OptionEntry board_option{
    .names = "--board",
    .value = "FILE",
    .help = "board file of the router that the medkit is for, by default a Turris MOX"};

constexpr std::array inspect_options{board_option, json_option};

constexpr OptionEntry keys_option{
    .names = "--keys", .value = "DIRECTORY", .help = "trusted public keys, by default /etc/mox-rescue/keys"};

constexpr std::array verify_options{
    keys_option,
    OptionEntry{.names = "--require-signature", .help = "reject a medkit without a signature"},
    board_option,
    json_option,
};

constexpr std::array pack_options{
    OptionEntry{.names = "-o,--output", .value = "ARCHIVE", .help = "the medkit, mox-medkit-....tar.gz"},
    OptionEntry{.names = "--key", .value = "KEY", .help = "secret key to sign with"},
    level_option,
    board_option,
    json_option,
};

constexpr std::array keygen_options{
    OptionEntry{.names = "--directory",
                .value = "DIRECTORY",
                .help = "trusted keys: put the public key there too, named by its number"},
    OptionEntry{
        .names = "--comment", .value = "TEXT", .help = "start of the comment line in both files (medkit)"},
    OptionEntry{.names = "--force", .help = "overwrite an existing secret key"},
};

constexpr std::array sign_options{
    OptionEntry{.names = "--key", .value = "KEY", .help = "secret key"},
    OptionEntry{.names = "-o,--output", .value = "SIGNATURE", .help = "where to, instead of FILE.sig"},
};

constexpr std::array get_options{
    OptionEntry{.names = "--directory", .value = "DIRECTORY", .help = "where to, instead of ."},
    OptionEntry{.names = "--server",
                .value = "URL",
                .help = "directory of a server (https), instead of the vendor's"},
    OptionEntry{.names = "--unsigned", .help = "accept a medkit with a checksum and without a signature"},
    keys_option,
    board_option,
    json_option,
};

constexpr std::array stick_options{
    OptionEntry{.names = "--fixed-disk", .help = "accept a disk that is not removable"},
    OptionEntry{.names = "--yes", .help = "do not ask"},
    keys_option,
    board_option,
    json_option,
};

Expected<MedkitCommand> make_inspect(const Parsed& parsed) {
    return InspectMedkit{
        .archive = parsed.words.front(), .board = parsed.path("--board"), .json = parsed.has("--json")};
}

Expected<MedkitCommand> make_verify(const Parsed& parsed) {
    return VerifyMedkit{.archive = parsed.words.front(),
                        .keys = parsed.value("--keys").value_or(default_keys),
                        .board = parsed.path("--board"),
                        .signature_required = parsed.has("--require-signature"),
                        .json = parsed.has("--json")};
}

Expected<MedkitCommand> make_pack(const Parsed& parsed) {
    const auto output = parsed.value("--output");
    if (!output) return wrong_usage("the name of the medkit is missing; use -o ARCHIVE");
    const auto level = TRY(compression_level_in(parsed));
    return PackMedkit{.directory = parsed.words.front(),
                      .output = *output,
                      .key = parsed.path("--key"),
                      .board = parsed.path("--board"),
                      .level = level,
                      .json = parsed.has("--json")};
}

Expected<MedkitCommand> make_keygen(const Parsed& parsed) {
    GenerateKey keygen{.name = {},
                       .directory = parsed.path("--directory"),
                       .comment = parsed.value("--comment").value_or("medkit"),
                       .force = parsed.has("--force")};
    if (!parsed.words.empty()) keygen.name = parsed.words.front();
    if (!keygen.name && !keygen.directory)
        return wrong_usage("the place of the key is missing; use NAME or --directory DIRECTORY");
    if (keygen.comment.contains('\n')) return wrong_usage("--comment must be one line");
    return keygen;
}

Expected<MedkitCommand> make_sign(const Parsed& parsed) {
    const auto key = parsed.value("--key");
    if (!key) return wrong_usage("the secret key is missing; use --key KEY");
    return SignFile{.key = *key, .file = parsed.words.front(), .output = parsed.path("--output")};
}

Expected<MedkitCommand> make_get(const Parsed& parsed) {
    GetMedkit get{.medkit = {},
                  .directory = parsed.path("--directory").value_or("."),
                  .server = parsed.value("--server"),
                  .keys = parsed.value("--keys").value_or(default_keys),
                  .board = parsed.path("--board"),
                  .is_unsigned = parsed.has("--unsigned"),
                  .json = parsed.has("--json")};
    if (!parsed.words.empty()) get.medkit = parsed.words.front();
    if (get.server && get.medkit && get.medkit->contains("://"))
        return wrong_usage("a URL names the server already; leave --server out");
    return get;
}

Expected<MedkitCommand> make_stick(const Parsed& parsed) {
    StickMedkit stick{.target = parsed.words.front(),
                      .medkit = {},
                      .keys = parsed.value("--keys").value_or(default_keys),
                      .board = parsed.path("--board"),
                      .fixed_disk = parsed.has("--fixed-disk"),
                      .confirmed = parsed.has("--yes"),
                      .json = parsed.has("--json")};
    if (parsed.words.size() > 1) stick.medkit = parsed.words[1];
    return stick;
}

struct Entry {
    CommandEntry line;
    Expected<MedkitCommand> (*make)(const Parsed& parsed) = nullptr;
};

const std::array<Entry, 7> all_entries{{
    {{.name = "inspect",
      .words = "ARCHIVE",
      .help = "show what a medkit (.tar.gz) holds, without checking it against anything",
      .options = inspect_options},
     &make_inspect},
    {{.name = "verify",
      .words = "ARCHIVE",
      .help = "check a medkit and all files beside it, as the rescue system does",
      .options = verify_options},
     &make_verify},
    {{.name = "get",
      .words = "[MEDKIT]",
      .help = "download the latest medkit, or the one with this name or URL, and verify it",
      .options = get_options},
     &make_get},
    {{.name = "stick",
      .words = "TARGET [MEDKIT]",
      .help = "put a medkit onto a stick (a disk, a partition or a directory), for mode 4",
      .options = stick_options},
     &make_stick},
    {{.name = "pack",
      .words = "DIRECTORY",
      .help = "pack a root file system as a medkit, with .sha256, .md5 and .sig",
      .options = pack_options},
     &make_pack},
    {{.name = "keygen",
      .words = "[NAME]",
      .help = "make a key pair NAME.sec and NAME.pub (usign and signify format, no passphrase)",
      .options = keygen_options},
     &make_keygen},
    {{.name = "sign", .words = "FILE", .help = "write a signature beside a file", .options = sign_options},
     &make_sign},
}};

}  // namespace

ProgramEntry medkit_table() {
    ProgramEntry program{.name = "medkit",
                         .help = "Get, look at, check and make medkits: the system images of the Turris MOX.",
                         .footer = footer,
                         .options = {}};
    for (const auto& entry : all_entries) program.commands.push_back(entry.line);
    return program;
}

std::variant<MedkitCommand, int> read_medkit_command_line(int argc, const char* const* argv) {
    const auto program = medkit_table();
    const auto read = parse(program, argc, argv);
    if (const auto* early_exit = std::get_if<EarlyExit>(&read)) return show(*early_exit);
    const auto& parsed = std::get<Parsed>(read);
    if (parsed.command == nullptr) return show(usage_error(program, nullptr, "a command is missing"));
    const auto* const entry =
        std::ranges::find(all_entries, parsed.command->name, [](const Entry& one) { return one.line.name; });
    auto command = entry->make(parsed);
    if (!command) return show(usage_error(program, parsed.command, command.error().describe()));
    return *std::move(command);
}

}  // namespace mox::cli
