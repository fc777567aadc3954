// `medkit pack`, `medkit keygen` and `medkit sign`: they write files.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "base/file.hpp"
#include "base/full_storage.hpp"
#include "base/interruption.hpp"
#include "board/board_file.hpp"
#include "cli/medkit/commands.hpp"
#include "cli/medkit/report.hpp"
#include "medkit/keys.hpp"
#include "medkit/pack.hpp"
#include "medkit/secret_key.hpp"
#include "medkit/signature.hpp"

namespace mox::cli {

namespace {

std::filesystem::path with_suffix(std::filesystem::path path, std::string_view suffix) {
    path += suffix;
    return path;
}

/// A lost secret key cannot be restored, so an existing one is overwritten only with `force`.
Expected<void> write_secret_key(const std::filesystem::path& path, const std::string& text, bool force) {
    if (force) return replace_file_durably(path, text, ErrorKind::medkit, 0600);
    auto file = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, ErrorKind::medkit, 0600);
    if (!file && file.error().reason() == EEXIST)
        return fail(ErrorKind::medkit, path.native() + " exists already", {"use another name, or --force"});
    if (!file) return pass_on(file);
    TRY(write_all(file->get(), text, path.native(), ErrorKind::medkit));
    if (::fsync(file->get()) != 0) return fail_errno_at(ErrorKind::medkit, path, errno);
    return {};
}

/// Returns whether it made the directory.
Expected<bool> make_directories(const std::filesystem::path& directory) {
    std::error_code failed;
    const bool made = std::filesystem::create_directories(directory, failed);
    if (!failed) return made;
    const int reason = failed.value();
    return fail_errno(ErrorKind::medkit, "directory of keys " + directory.native() + " cannot be made",
                      reason, is_out_of_space(reason) ? space_hint_at(directory, reason) : Hint{});
}

/// The boot files, which mode 4 asks for. An extra archive has none: it is unpacked over another one.
medkit::FileGroups wanted_files(const PackMedkit& command, const board::Description& board) {
    if (command.output.filename().native().ends_with("-extra.tar.gz")) return {};
    return board.boot_files;
}

struct KeyFiles {
    std::filesystem::path secret_key;
    std::vector<std::filesystem::path> public_keys;
};

KeyFiles files_for(const GenerateKey& command, const medkit::KeyNumber& number) {
    KeyFiles files;
    if (command.name) {
        files.secret_key = with_suffix(*command.name, ".sec");
        files.public_keys.push_back(with_suffix(*command.name, ".pub"));
    } else {
        files.secret_key = *command.directory / (medkit::to_text(number) + ".sec");
    }
    if (command.directory) files.public_keys.push_back(*command.directory / medkit::to_text(number));
    return files;
}

}  // namespace

Expected<std::string> run(const PackMedkit& command, const ByteProgress& progress) {
    const auto board = TRY(board::board_of_file_or_mox(command.board));
    std::optional<medkit::SecretKey> key;
    if (command.key) {
        auto read = TRY(medkit::read_secret_key(*command.key));
        key = std::move(read);
    }
    const Interruption interruption(DuringCommit::deferred);
    medkit::PackRules rules;
    rules.compression.level = command.level;
    rules.wanted_files = wanted_files(command, board);
    auto packed =
        TRY(medkit::pack_medkit(command.directory, command.output, key ? &*key : nullptr, progress, rules));
    return command.json ? report_json(packed) : report(packed, command.directory);
}

Expected<std::string> run(const GenerateKey& command) {
    auto key = TRY(medkit::SecretKey::generate());
    const auto number = key.public_key().number;
    const auto files = files_for(command, number);
    // Before anything is written: a secret key whose public key cannot be stored is of no use.
    const bool made = command.directory && TRY(make_directories(*command.directory));
    TRY(write_secret_key(files.secret_key, key.text(command.comment + " secret key"), command.force));
    std::string text = "key number:  " + medkit::to_text(number) + "\n";
    text += "secret key:  " + files.secret_key.native() + "\n";
    if (made) text += "directory:   " + command.directory->native() + " (new)\n";
    const auto public_text = medkit::to_text(key.public_key(), command.comment + " public key");
    for (const auto& path : files.public_keys) {
        TRY(replace_file_durably(path, public_text, ErrorKind::medkit));
        text += "public key:  " + path.native() + "\n";
    }
    return text;
}

Expected<std::string> run(const SignFile& command) {
    auto key = TRY(medkit::read_secret_key(command.key));
    auto signature = TRY(medkit::sign_file(key, command.file));
    const auto output = command.output.value_or(with_suffix(command.file, ".sig"));
    const auto text = medkit::to_text(signature, "signed by key " + medkit::to_text(signature.signer));
    TRY(replace_file_durably(output, text, ErrorKind::medkit));
    return "signature:  " + output.native() + " (key " + medkit::to_text(signature.signer) + ")\n";
}

}  // namespace mox::cli
