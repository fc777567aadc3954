#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/archive_model.hpp"

namespace mox::test_support {

/// Where a generator's decisions come from: a seed, or a fuzzer's bytes.
class Choices {
public:
    Choices() = default;
    Choices(const Choices&) = delete;
    Choices& operator=(const Choices&) = delete;
    virtual ~Choices() = default;

    virtual std::uint64_t number() = 0;

    /// 0 to `count` - 1.
    std::uint64_t below(std::uint64_t count) { return number() % count; }
    bool in_percent(unsigned percent) { return below(100) < percent; }
    template <typename T>
    const T& of(std::span<const T> choice) {
        return choice[below(choice.size())];
    }
};

class SeededChoices final : public Choices {
public:
    explicit SeededChoices(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t number() override { return engine_(); }

private:
    std::mt19937_64 engine_;
};

/// A fuzzer's bytes: one for most decisions. When they are used up every decision is the first one.
class ByteChoices final : public Choices {
public:
    explicit ByteChoices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
    std::uint64_t number() override;
    [[nodiscard]] bool exhausted() const { return bytes_.empty(); }

private:
    std::span<const std::uint8_t> bytes_;
};

/// A medkit and what becomes of it.
struct GeneratedMedkit {
    std::string base;  ///< tar, not packed
    std::optional<std::string> extra = std::nullopt;
    ModelTree tree = {};                  ///< after both; tree.refusal() says why they must be refused
    bool is_plain = true;                 ///< nothing odd is in it: it must be accepted
    std::vector<std::string> story = {};  ///< a line for each member
};

enum class Oddities { none, some };

/// Makes archives of every kind of entry, attribute, link, name, size and header that tar knows.
[[nodiscard]] GeneratedMedkit generate_medkit(Choices& choices, Oddities oddities);

}  // namespace mox::test_support
