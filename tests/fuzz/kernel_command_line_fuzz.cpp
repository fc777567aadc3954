// Any boot loader may hand over any text: it must be split without damage, and the start must be a real one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "boot/environment.hpp"
#include "boot/kernel_command_line.hpp"
#include "boot/mode.hpp"
#include "rescue/start.hpp"

namespace {

void require(bool truth) {
    if (!truth) std::abort();
}

bool is_a_mode(mox::boot::Mode mode) {
    return mox::boot::mode_from_number(mox::boot::number_of(mode)).has_value();
}

/// A boot environment in which every variable is the whole input.
class SameTextEverywhere final : public mox::boot::Environment {
public:
    explicit SameTextEverywhere(std::string_view text) : text_(text) {}
    mox::boot::Variables variables() const override { return {}; }
    std::optional<std::string> get(std::string_view /*name*/) const override { return text_; }
    mox::Expected<void> change(const mox::boot::EnvironmentChanges& /*changes*/) override { return {}; }

private:
    std::string text_;
};

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

    const auto start = mox::rescue::read_start(line, SameTextEverywhere(text));
    require(is_a_mode(start.first));
    require(!start.forced || is_a_mode(*start.forced));
    return 0;
}
