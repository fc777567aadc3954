// A page may send anything, a board may write anything on its console, an address may name any file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "panel/server/command.hpp"
#include "panel/server/console_reader.hpp"
#include "panel/server/file_name.hpp"

namespace {

namespace panel = mox::virtual_mox::panel;

void require(bool truth) {
    if (!truth) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    const auto command = panel::read_command(text);
    require(command || !command.error().why.empty());

    if (const auto name = panel::file_name_in(text)) {
        require(!name->empty() && name->size() <= 200 && name->front() != '.');
        require(name->find('/') == std::string::npos && name->find('\0') == std::string::npos);
    }

    // However the bytes are cut, they say the same; only a prompt depends on where somebody stops to look.
    panel::ConsoleReader whole;
    panel::ConsoleReader in_pieces;
    const auto count = [](const auto& news) {
        std::size_t progress = 0;
        for (const auto& one : news) progress += std::holds_alternative<panel::ProgressSeen>(one) ? 1 : 0;
        return progress;
    };
    std::size_t counted = 0;
    for (const char c : text) counted += count(in_pieces.read(std::string_view(&c, 1)));
    require(counted == count(whole.read(text)));
    return 0;
}
