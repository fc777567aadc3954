#include <algorithm>

#include "support/snapshot_model.hpp"

namespace mox::test_support {

namespace {

using Kind = ModelOperation::Kind;

class Dice {
public:
    explicit Dice(std::mt19937_64& random) : random_(random) {}

    /// 0 to `sides` - 1.
    std::uint32_t below(std::uint32_t sides) {
        return std::uniform_int_distribution<std::uint32_t>(0, sides - 1)(random_);
    }
    bool one_in(std::uint32_t sides) { return below(sides) == 0; }

    template <typename Values>
    auto one_of(const Values& values) {
        return values[below(static_cast<std::uint32_t>(std::size(values)))];
    }

private:
    std::mt19937_64& random_;
};

std::string any_description(Dice& dice) {
    using namespace std::string_literals;
    static const std::array descriptions{
        "Before lunch"s,
        ""s,
        "Automatic pre-update snapshot (2026-11-22 15:24)"s,
        "quotes \" ' ` and $(reboot)"s,
        "P\xc5\x99"s + "ed \xc4\x8d" + "asem",
        "two\nlines\tand \x1b[31m"s,
        std::string(1020, 'x') + "\\\\\\\\\\\\",
    };
    return dice.one_of(descriptions);
}

std::string any_type(Dice& dice) {
    return std::string(dice.one_of(model_types));
}

/// One that exists, if any; sometimes another one.
std::uint32_t any_number(const SnapshotModel& model, Dice& dice) {
    const auto numbers = model.numbers();
    if (numbers.empty() || dice.one_in(8)) return 1 + dice.below(12);
    return dice.one_of(numbers);
}

ModelLimits any_limits(Dice& dice) {
    const auto limit = [&dice]() -> std::optional<unsigned> {
        if (dice.one_in(3)) return std::nullopt;
        return dice.below(4);
    };
    return {.single = limit(), .time = limit(), .updater = limit(), .rollback = limit()};
}

/// As often as in life, but for what is interesting.
Kind any_kind(Dice& dice) {
    using enum Kind;
    static constexpr std::array kinds{
        work,      work,          work,      create, create,       create,          create,    create,
        modify,    modify,        remove,    remove, clean_up,     step_back,       step_back, roll_back,
        roll_back, factory_reset, savepoint, commit, minutes_pass, router_restarts, savepoint, minutes_pass};
    return dice.one_of(kinds);
}

}  // namespace

ModelOperation random_operation(const SnapshotModel& model, std::mt19937_64& random) {
    Dice dice(random);
    ModelOperation operation{.kind = any_kind(dice)};
    switch (operation.kind) {
        case Kind::work:
            operation.text = std::to_string(dice.below(1'000'000));
            break;
        case Kind::create:
            operation.type = any_type(dice);
            operation.text = any_description(dice);
            break;
        case Kind::modify:
            operation.number = any_number(model, dice);
            operation.described = dice.one_in(2);
            if (operation.described) operation.text = any_description(dice);
            if (!operation.described || dice.one_in(2)) operation.type = any_type(dice);
            break;
        case Kind::remove:
        case Kind::roll_back:
            operation.number = any_number(model, dice);
            break;
        case Kind::clean_up:
            operation.limits = any_limits(dice);
            break;
        case Kind::savepoint:
            operation.minutes = static_cast<int>(1 + dice.below(20));
            break;
        case Kind::minutes_pass:
            operation.minutes = static_cast<int>(1 + dice.below(15));
            break;
        case Kind::step_back:
        case Kind::factory_reset:
        case Kind::commit:
        case Kind::router_restarts:
            break;
    }
    return operation;
}

}  // namespace mox::test_support
