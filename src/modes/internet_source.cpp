#include "modes/internet_source.hpp"

#include <optional>
#include <utility>

namespace mox::modes {

namespace {

struct Setting {
    std::string text;
    std::string_view source;
};

Setting setting(std::string_view name, std::string_view default_text,
                const boot::KernelCommandLine& command_line, const boot::Environment& environment) {
    if (auto text = command_line.value(name)) return {std::move(*text), "kernel command line"};
    if (auto text = environment.get(name)) return {std::move(*text), "boot environment"};
    return {std::string(default_text), "board"};
}

}  // namespace

Expected<InternetSource> read_internet_source(const board::Description& board,
                                              const boot::KernelCommandLine& command_line,
                                              const boot::Environment& environment) {
    const auto given = setting("rescue_url", board.medkit_folder, command_line, environment);
    auto folder = TRY(network::Url::parse(given.text), "rescue_url of the " + std::string(given.source));
    const auto tls =
        setting("rescue_tls", board.tls_strict ? "strict" : "relaxed", command_line, environment);
    return InternetSource{
        .folder = std::move(folder),
        .tls = tls.text == "relaxed" ? network::TlsPolicy::relaxed : network::TlsPolicy::strict,
    };
}

std::string latest_medkit_name(const std::string& variant) {
    return "mox-medkit" + variant + "-latest.tar.gz";
}

}  // namespace mox::modes
