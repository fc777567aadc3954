#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "boot/flash.hpp"

namespace mox::test_support {

/// NOR flash in memory: erasing sets all bits of a block, writing can only clear bits. Its power goes after
/// so many erasures and writes.
class MemoryFlash final : public boot::Flash {
public:
    MemoryFlash(std::uint64_t size, std::uint64_t erase_block)
        : content(size, '\xff'), erase_block_(erase_block) {}

    [[nodiscard]] Bytes size() const override { return Bytes{content.size()}; }
    [[nodiscard]] Bytes erase_block() const override { return Bytes{erase_block_}; }

    [[nodiscard]] Expected<void> read(std::uint64_t offset, std::span<char> buffer) override {
        std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(offset), buffer.size(), buffer.begin());
        return {};
    }

    [[nodiscard]] Expected<void> erase(std::uint64_t offset) override {
        if (offset % erase_block_ != 0) return fail(ErrorKind::internal, "not the start of a block");
        if (!begin_change()) return no_power();
        ++erasures;
        std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(offset), erase_block_, '\xff');
        return {};
    }

    [[nodiscard]] Expected<void> write(std::uint64_t offset, std::string_view bytes) override {
        if (!begin_change()) {  // the power goes in the middle
            bytes = bytes.substr(0, bytes.size() / 2);
            clear_bits(offset, bytes);
            return no_power();
        }
        clear_bits(offset, bytes);
        return {};
    }

    std::string content;
    int erasures = 0;
    int changes_left = 1'000'000;
    char stuck_bits = 0;  ///< of every byte: cannot be set any more

private:
    static std::unexpected<Error> no_power() { return fail(ErrorKind::internal, "no power"); }

    bool begin_change() { return changes_left-- > 0; }

    void clear_bits(std::uint64_t offset, std::string_view bytes) {
        for (const char byte : bytes) {
            auto& cell = content.at(offset++);
            cell = static_cast<char>(cell & byte & ~stuck_bits);
        }
    }

    std::uint64_t erase_block_;
};

}  // namespace mox::test_support
