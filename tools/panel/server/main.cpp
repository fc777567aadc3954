#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>

#include "base/error.hpp"
#include "cli/version.hpp"
#include "panel/server/request_guard.hpp"
#include "panel/server/serve_panel.hpp"
#include "virtual_mox/installed_places.hpp"

namespace {

namespace panel = mox::virtual_mox::panel;

// As virtual-mox.
constexpr int exit_wrong = 5;
constexpr int exit_usage = 64;

std::string token_error(const std::string& text) {
    return panel::is_token(text) ? std::string() : std::string("must be 32 hexadecimal digits");
}

}  // namespace

int main(int argc, char** argv) try {
    CLI::App app{"A Turris MOX in QEMU as a page for browsers on this computer."};
    app.set_version_flag("--version", "virtual-mox-panel " + std::string(mox::cli::version));
    panel::PanelOptions options{
        .built = mox::virtual_mox::default_built(), .folder = {}, .page = mox::virtual_mox::default_page()};
    app.add_option("--built", options.built, "directory with what 'make image' has built")
        ->check(CLI::ExistingDirectory)
        ->capture_default_str();
    app.add_option("--folder", options.folder,
                   "directory for images, uploads and QEMU's log (default: 'panel' in the former)");
    app.add_option("--port", options.port, "port on 127.0.0.1; 0: any free port")->capture_default_str();
    app.add_option("--page", options.page, "directory with the page, as scripts/build-panel-page makes it")
        ->check(CLI::ExistingDirectory)
        ->capture_default_str();
    app.add_option("--token", options.token,
                   "32 hexadecimal digits in the page's address, instead of new ones")
        ->check(token_error);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }

    if (options.folder.empty()) options.folder = options.built / "panel";
    if (const auto ended = panel::serve_panel(options); !ended) {
        std::cerr << "virtual-mox-panel: " << ended.error().describe() << '\n';
        return mox::led_code(ended.error().kind());
    }
    return 0;
} catch (const std::exception& error) {
    std::cerr << "virtual-mox-panel: " << error.what() << '\n';
    return exit_wrong;
}
