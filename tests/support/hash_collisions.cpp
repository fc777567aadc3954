#include "support/hash_collisions.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace mox::test_support {

namespace {

constexpr std::size_t length = 38;  // 32 equations, and 6 letters to choose freely
using Choice = std::uint64_t;       // bit i: letter i is 'b'

std::uint32_t hash_of(std::string_view name) {
    std::uint32_t value = ~std::uint32_t{1};
    for (const char c : name) {
        value ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82f63b78 : 0);
    }
    return value;
}

std::string name_of(Choice choice) {
    std::string name(length, 'a');
    for (std::size_t i = 0; i < length; ++i)
        if (((choice >> i) & 1) != 0) name[i] = 'b';
    return name;
}

/// Choices that do not change the hash: a basis of the kernel, by elimination.
std::vector<Choice> choices_without_effect() {
    const auto plain = hash_of(name_of(0));
    std::array<std::pair<std::uint32_t, Choice>, 32> rows{};
    std::vector<Choice> kernel;
    for (std::size_t i = 0; i < length; ++i) {
        Choice choice = Choice{1} << i;
        std::uint32_t effect = hash_of(name_of(choice)) ^ plain;
        for (std::size_t bit = 0; bit < rows.size() && effect != 0; ++bit) {
            if (((effect >> bit) & 1) == 0) continue;
            if (rows.at(bit).first == 0) {
                rows.at(bit) = {effect, choice};
                effect = 0;
                choice = 0;
            } else {
                effect ^= rows.at(bit).first;
                choice ^= rows.at(bit).second;
            }
        }
        if (choice != 0) kernel.push_back(choice);
    }
    return kernel;
}

}  // namespace

std::vector<std::string> names_with_one_btrfs_hash(std::size_t count) {
    const auto kernel = choices_without_effect();
    std::vector<std::string> names;
    for (std::size_t number = 0; number < count; ++number) {
        Choice choice = 0;
        for (std::size_t i = 0; i < kernel.size(); ++i)
            if (((number >> i) & 1) != 0) choice ^= kernel[i];
        names.push_back(name_of(choice));
    }
    return names;
}

}  // namespace mox::test_support
