// Any boot loader may hand over any text: it must be split without damage, and the start must be a real one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "boot/kernel_command_line.hpp"
#include "selection/mode.hpp"
#include "selection/start.hpp"

namespace {

void require(bool truth) {
    if (!truth) std::abort();
}

bool is_a_mode(mox::selection::Mode mode) {
    return mox::selection::mode_from_number(mox::selection::number_of(mode)).has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const mox::boot::KernelCommandLine line(text);

    std::size_t characters = 0;
    for (const auto& parameter : line.parameters()) {
        characters += parameter.name.size() + parameter.value.value_or("").size();
        require(parameter.name.find('\0') == std::string::npos);
        require(line.has(parameter.name));
    }
    require(characters <= size);

    const auto start = mox::selection::read_start(line, std::string(text));
    require(is_a_mode(start.first));
    require(!start.forced || is_a_mode(*start.forced));
    return 0;
}
