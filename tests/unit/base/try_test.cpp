// TRY and CO_TRY: the value goes on, the error leaves the function.
#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace mox {
namespace {

using boost::asio::awaitable;

const std::string reason = "a reason that is too long for the small buffer of a string";

/// A value on the heap that counts how many of its kind are alive.
class Counted {
public:
    explicit Counted(std::string text) : text_(std::move(text)) { ++alive; }
    Counted(const Counted& other) : text_(other.text_) { ++alive; }
    Counted(Counted&& other) noexcept : text_(std::move(other.text_)) { ++alive; }
    Counted& operator=(const Counted&) = delete;
    Counted& operator=(Counted&&) = delete;
    ~Counted() { --alive; }

    [[nodiscard]] const std::string& text() const { return text_; }

    static inline int alive = 0;

private:
    std::string text_;
};

Expected<Counted> counted(bool succeeds,
                          const std::string& text = "a text that is too long for the small buffer") {
    if (!succeeds) return fail(ErrorKind::card, reason);
    return Counted(text);
}

Expected<void> nothing(bool succeeds) {
    if (!succeeds) return fail(ErrorKind::medkit, reason);
    return {};
}

std::size_t length_of_all(const Counted& first, Counted second, const Counted& third) {
    return first.text().size() + second.text().size() + third.text().size();
}

TEST(Try, YieldsTheValue) {
    const auto length = [](bool succeeds) -> Expected<std::size_t> {
        const auto value = TRY(counted(succeeds, "four"));
        return value.text().size();
    };
    EXPECT_EQ(length(true).value(), 4U);
    const auto failed = length(false);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind(), ErrorKind::card);
    EXPECT_EQ(failed.error().describe(), reason);
    EXPECT_EQ(Counted::alive, 0);
}

TEST(Try, YieldsNothingOfVoid) {
    int reached = 0;
    const auto run = [&](bool succeeds) -> Expected<void> {
        static_assert(std::is_void_v<decltype(detail::value_of(nothing(true)))>);
        TRY(nothing(succeeds));
        ++reached;
        return {};
    };
    EXPECT_TRUE(run(true));
    EXPECT_EQ(reached, 1);
    EXPECT_EQ(run(false).error().kind(), ErrorKind::medkit);
    EXPECT_EQ(reached, 1);
}

TEST(Try, MovesWhatCannotBeCopied) {
    const auto made = []() -> Expected<std::unique_ptr<int>> { return std::make_unique<int>(7); };
    const auto seven = [&]() -> Expected<std::unique_ptr<int>> {
        auto pointer = TRY(made());
        auto held = Expected<std::unique_ptr<int>>(std::move(pointer));
        return TRY(std::move(held));
    };
    EXPECT_EQ(**seven(), 7);
}

TEST(Try, AddsTheContext) {
    const auto run = []() -> Expected<void> {
        TRY(nothing(false), "inner " + std::string("context"));
        return {};
    };
    const auto outer = [&]() -> Expected<int> {
        TRY(run(), "outer");
        return 1;
    };
    EXPECT_EQ(outer().error().describe(), "outer: inner context: " + reason);
}

TEST(Try, KeepsKindAndReasonOfTheError) {
    const auto run = []() -> Expected<void> {
        TRY(Expected<int>(fail_errno(ErrorKind::snapshot, "card", ENOSPC)), "context");
        return {};
    };
    const auto failed = run();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind(), ErrorKind::snapshot);
    EXPECT_EQ(failed.error().reason(), ENOSPC);
}

TEST(Try, EvaluatesTheContextOnlyForAnError) {
    int contexts = 0;
    const auto context = [&] { return std::string("context ") + std::to_string(++contexts); };
    const auto run = [&](bool succeeds) -> Expected<void> {
        TRY(nothing(succeeds), context());
        return {};
    };
    EXPECT_TRUE(run(true));
    EXPECT_EQ(contexts, 0);
    EXPECT_EQ(run(false).error().describe(), "context 1: " + reason);
    EXPECT_EQ(contexts, 1);
}

TEST(Try, EvaluatesTheExpressionOnce) {
    int calls = 0;
    const auto run = [&](bool succeeds) -> Expected<int> {
        return TRY([&]() -> Expected<int> {
            ++calls;
            if (!succeeds) return fail(ErrorKind::internal, reason);
            return calls;
        }());
    };
    EXPECT_EQ(run(true).value(), 1);
    EXPECT_FALSE(run(false));
    EXPECT_EQ(calls, 2);
}

TEST(Try, HandsOnErrorsThatAreNoError) {
    const auto number = [](bool succeeds) -> std::expected<std::string, int> {
        if (!succeeds) return std::unexpected(EIO);
        return "text";
    };
    const auto length = [&](bool succeeds) -> std::expected<std::size_t, int> {
        return TRY(number(succeeds)).size();
    };
    EXPECT_EQ(length(true).value(), 4U);
    EXPECT_EQ(length(false).error(), EIO);
}

// On an error the arguments that were made before are destroyed, those after it are never made.
TEST(Try, StandsInTheArgumentsOfACall) {
    const auto run = [](bool first, bool second, bool third) -> Expected<std::size_t> {
        return length_of_all(TRY(counted(first, "1")), TRY(counted(second, "22")),
                             TRY(counted(third, "333")));
    };
    EXPECT_EQ(run(true, true, true).value(), 6U);
    for (const int failing : {0, 1, 2}) {
        EXPECT_FALSE(run(failing != 0, failing != 1, failing != 2));
        EXPECT_EQ(Counted::alive, 0) << failing;
    }
}

TEST(Try, StandsInsideOfItself) {
    const auto same = [](Counted value, bool succeeds) -> Expected<Counted> {
        if (!succeeds) return fail(ErrorKind::network, "outer");
        return value;
    };
    const auto run = [&](bool inner, bool outer) -> Expected<std::string> {
        return TRY(same(TRY(counted(inner, "nested")), outer), "context").text();
    };
    EXPECT_EQ(run(true, true).value(), "nested");
    EXPECT_EQ(run(false, true).error().describe(), reason);
    EXPECT_EQ(run(true, false).error().describe(), "context: outer");
    EXPECT_EQ(Counted::alive, 0);
}

TEST(Try, LetsTheValueLiveAsLongAsTheReferenceToIt) {
    const auto run = [](bool succeeds) -> Expected<std::string> {
        const auto& kept = TRY(counted(succeeds));
        EXPECT_EQ(Counted::alive, 1);
        std::string letters;
        for (const char letter : TRY(counted(true, "letters")).text() + "!") letters += letter;
        EXPECT_EQ(Counted::alive, 1);
        return kept.text() + letters;
    };
    EXPECT_EQ(run(true).value(), "a text that is too long for the small bufferletters!");
    EXPECT_FALSE(run(false));
    EXPECT_EQ(Counted::alive, 0);
}

TEST(Try, DropsAValueThatIsNotKept) {
    const auto run = []() -> Expected<int> {
        TRY(counted(true));
        return Counted::alive;
    };
    EXPECT_EQ(run().value(), 0);
}

// What the coroutine returned, run to its end.
template <typename T>
Expected<T> result_of(awaitable<Expected<T>> work) {
    boost::asio::io_context loop;
    std::optional<Expected<T>> result;
    co_spawn(loop, std::move(work), [&](const std::exception_ptr& failure, Expected<T> value) {
        EXPECT_FALSE(failure);
        result = std::move(value);
    });
    loop.run();
    return std::move(result).value();
}

awaitable<Expected<void>> awaited_nothing(bool succeeds) {
    co_return nothing(succeeds);
}

awaitable<Expected<Counted>> awaited(bool succeeds) {
    co_return counted(succeeds, "awaited");
}

awaitable<Expected<std::string>> in_turn(bool first, bool second, bool third, bool fourth) {
    const auto one = CO_TRY(counted(first, "one "));
    CO_TRY(nothing(second), "second " + std::string("context"));
    auto done = co_await awaited_nothing(third);
    CO_TRY(std::move(done), "third");
    auto result = co_await awaited(fourth);
    const auto& last = CO_TRY(std::move(result), "fourth");
    co_await awaited_nothing(true);
    co_return one.text() + last.text();
}

TEST(CoTry, YieldsTheValue) {
    EXPECT_EQ(result_of(in_turn(true, true, true, true)).value(), "one awaited");
    EXPECT_EQ(Counted::alive, 0);
}

TEST(CoTry, ReturnsTheErrorWithItsContext) {
    EXPECT_EQ(result_of(in_turn(false, true, true, true)).error().describe(), reason);
    EXPECT_EQ(result_of(in_turn(true, false, true, true)).error().describe(), "second context: " + reason);
    EXPECT_EQ(result_of(in_turn(true, true, false, true)).error().describe(), "third: " + reason);
    EXPECT_EQ(result_of(in_turn(true, true, true, false)).error().describe(), "fourth: " + reason);
    EXPECT_EQ(Counted::alive, 0);
}

awaitable<Expected<std::size_t>> lengths(bool first, bool second) {
    const std::size_t sum =
        length_of_all(Counted("temporary"), CO_TRY(counted(first, "12")), CO_TRY(counted(second, "345")));
    co_return sum;
}

TEST(CoTry, StandsInTheArgumentsOfACall) {
    EXPECT_EQ(result_of(lengths(true, true)).value(), 14U);
    EXPECT_FALSE(result_of(lengths(false, true)));
    EXPECT_FALSE(result_of(lengths(true, false)));
    EXPECT_EQ(Counted::alive, 0);
}

}  // namespace
}  // namespace mox
