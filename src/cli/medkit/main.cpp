// The medkit program: inspects, verifies and makes medkits.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <iostream>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/interruption.hpp"
#include "base/progress.hpp"
#include "cli/main_functions.hpp"
#include "cli/medkit/commands.hpp"
#include "cli/version.hpp"
#include "console/console_progress.hpp"
#include "console/print_error.hpp"

namespace mox::cli {

namespace {

constexpr auto footer =
    "Exit status: 0 done, 2 the medkit (or a key, or a file) is not usable, 5 internal, 64 wrong command "
    "line.\nResults go to standard output, messages to standard error. See medkit(1).";

constexpr int exit_usage = 64;  // EX_USAGE of sysexits.h

constexpr auto default_keys = "/etc/mox-rescue/keys";

template <typename Command>
Expected<std::string> run_with_bar(const Command& command, const char* step) {
    console::TerminalBar bar(step);
    return run(command, bar.bytes());
}

/// The command line: one subcommand, which selects the action.
class CommandLine {
public:
    CommandLine() {
        app_.set_version_flag("--version", std::string(version));
        app_.footer(footer);
        app_.require_subcommand(1);
        add_inspect();
        add_verify();
        add_pack();
        add_keygen();
        add_sign();
    }

    CLI::App& app() { return app_; }
    Expected<std::string> run_chosen() { return chosen_(); }

private:
    /// Adds a subcommand; `action` runs when the user chooses it.
    template <typename Command>
    CLI::App& add(const char* name, const char* what, std::function<Expected<std::string>()> action,
                  Command& command) {
        auto* subcommand = app_.add_subcommand(name, what);
        subcommand->callback([this, action = std::move(action)] { chosen_ = action; });
        if constexpr (requires { command.json; })
            subcommand->add_flag("--json", command.json, "print the result as JSON");
        return *subcommand;
    }

    void add_inspect() {
        auto& inspect = add(
            "inspect", "show what a medkit holds, without checking it against anything",
            [this] { return run_with_bar(inspect_, "read the medkit"); }, inspect_);
        inspect.add_option("ARCHIVE", inspect_.archive, "the medkit, a .tar.gz file")->required();
    }

    void add_verify() {
        verify_.keys = default_keys;
        auto& verify = add(
            "verify", "check a medkit and all files beside it, as the rescue system does",
            [this] { return run_with_bar(verify_, "verify the medkit"); }, verify_);
        verify.add_option("ARCHIVE", verify_.archive, "the medkit, a .tar.gz file")->required();
        verify.add_option("--keys", verify_.keys, "directory of trusted public keys, named by key number")
            ->capture_default_str();
        verify.add_flag("--require-signature", verify_.signature_required,
                        "reject a medkit without a signature");
    }

    void add_pack() {
        auto& pack = add(
            "pack", "pack a root file system as a medkit, with .sha256, .md5 and .sig",
            [this] { return run_with_bar(pack_, "pack the medkit"); }, pack_);
        pack.add_option("DIR", pack_.directory, "the root file system")->required();
        pack.add_option("--output,-o", pack_.output, "the medkit, mox-medkit-....tar.gz")->required();
        pack.add_option("--key", pack_.key, "secret key to sign with");
    }

    void add_keygen() {
        keygen_.comment = "medkit";
        auto& keygen = add(
            "keygen", "make a key pair (usign and signify format, no passphrase)",
            [this] { return run(keygen_); }, keygen_);
        auto* name = keygen.add_option("NAME", keygen_.name, "write NAME.sec and NAME.pub");
        auto* directory =
            keygen.add_option("--directory", keygen_.directory,
                              "directory of trusted keys: put the public key there too, named by its number");
        keygen.add_option("--comment", keygen_.comment, "start of the comment line in both files")
            ->capture_default_str()
            ->check([](const std::string& text) {
                return text.contains('\n') ? std::string("must be one line") : std::string();
            });
        keygen.add_flag("--force", keygen_.force, "overwrite an existing secret key");
        keygen.callback([this, name, directory] {
            if (name->empty() && directory->empty()) throw CLI::RequiredError("NAME or --directory");
            chosen_ = [this] { return run(keygen_); };
        });
    }

    void add_sign() {
        auto& sign = add("sign", "write a signature beside a file", [this] { return run(sign_); }, sign_);
        sign.add_option("FILE", sign_.file, "what to sign")->required();
        sign.add_option("--key", sign_.key, "secret key")->required();
        sign.add_option("--output,-o", sign_.output, "where to, instead of FILE.sig");
    }

    CLI::App app_{"Look at, check and make medkits: the system images of the Turris MOX.", "medkit"};
    std::function<Expected<std::string>()> chosen_;
    InspectMedkit inspect_;
    VerifyMedkit verify_;
    PackMedkit pack_;
    GenerateKey keygen_;
    SignFile sign_;
};

int show(const Error& error) {
    console::print_error("medkit", error);
    return led_code(error.kind());
}

int run_program(int argc, const char* const* argv) {
    CommandLine line;
    try {
        line.app().parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return line.app().exit(error) == 0 ? 0 : exit_usage;
    }
    const StopSignals signals({});
    const auto result = line.run_chosen();
    if (!result) {
        const int status = show(result.error());
        const auto signal = stopped_by();
        return signal ? exit_status_of(*signal) : status;
    }
    const auto printed = write_all(STDOUT_FILENO, *result, "standard output", ErrorKind::internal);
    return printed ? 0 : show(printed.error());
}

}  // namespace

int medkit_main(int argc, char** argv) {
    try {
        return run_program(argc, argv);
    } catch (const std::exception& error) {
        return show(Error(ErrorKind::internal, error.what()));
    }
}

}  // namespace mox::cli
