#include "remote/upload.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.hpp"
#include "remote/download.hpp"
#include "remote/leftovers.hpp"
#include "unit/remote/memory_store.hpp"

namespace mox::remote {
namespace {

const std::string system_a(32, 'a');
const std::string system_b(32, 'b');
const std::string content(3000, 'x');

const Patience patient{.rules = {.tries = 3,
                                 .first_pause = std::chrono::milliseconds(1),
                                 .longest_pause = std::chrono::milliseconds(1),
                                 .worth_while = Bytes{1}}};

Failure cut() {
    return {Cause::unreachable, Error(ErrorKind::network, "the connection broke off")};
}

Packing packing(const std::string& text, int* calls = nullptr) {
    return [text, calls](int output) -> Expected<void> {
        if (calls != nullptr) ++*calls;
        return write_all(output, text, "pipe", ErrorKind::medkit);
    };
}

UploadOrder order(const std::string& system = system_a) {
    UploadOrder result{.name = "h-3", .info = {}, .origin = {}, .identity = std::string(32, 'c')};
    result.origin.system = {system, system_b};
    result.origin.number = snapshots::Number{3};
    result.origin.snapshot = std::string(32, 'c');
    return result;
}

std::string names(const MemoryStore& store) {
    std::string text;
    for (const auto& [name, bytes] : store.files) text += (text.empty() ? "" : " ") + name;
    return text;
}

const std::string whole = "h-3.info h-3.tar.gz h-3.tar.gz.sha256";

int usable_backups(Store& store) {
    const auto backups = list_backups(store, patient).value();
    return static_cast<int>(std::ranges::count_if(backups, &Backup::usable));
}

TEST(Upload, IsWhole) {
    MemoryStore store;
    store.exists = false;
    const auto uploaded = upload(store, order(), packing(content), patient);
    ASSERT_TRUE(uploaded) << uploaded.error().error.describe();
    EXPECT_EQ(names(store), whole);
    EXPECT_EQ(store.files.at("h-3.tar.gz"), content);
    const auto backups = list_backups(store, patient).value();
    ASSERT_EQ(backups.size(), 1U);
    EXPECT_EQ(backups[0].flaw, "");
    EXPECT_EQ(backups[0].origin.size, Bytes{content.size()});
    std::string read;
    const auto verified = read_archive(store, backups[0],
                                       [&](std::string_view bytes) {
                                           read += bytes;
                                           return Expected<void>();
                                       },
                                       patient, {});
    EXPECT_EQ(verified.value(), Verified::by_sum);
    EXPECT_EQ(read, content);
}

/// The connection, or the router, is gone for good before or after any step: nothing that is half counts, and
/// the next call is as the first one. Other systems' files stay.
TEST(Upload, ThatEndsAnywhereIsNoBackupAndIsClearedUp) {
    const auto foreign = name_while_incomplete("h-3.tar.gz", system_b);
    for (const bool is_done : {false, true}) {
        int last = 0;
        for (int at = 1; last == 0; ++at) {
            MemoryStore store;
            store.files[foreign] = "of another router";
            const auto end_at = [&](int step) -> Result<void> {
                if (step >= at) return std::unexpected(cut());
                return {};
            };
            (is_done ? store.after_step : store.before_step) = end_at;
            // The step is done once, and its answer is lost; a router without power does not try again.
            const auto uploaded = upload(store, order(), packing(content), {.rules = {.tries = 1}});
            store.before_step = store.after_step = [](int) { return Result<void>(); };
            if (uploaded) {
                last = at;
                break;
            }
            ASSERT_EQ(usable_backups(store), store.files.contains("h-cccccccc-3.info") ? 1 : 0);
            if (store.files.contains("h-cccccccc-3.info")) continue;  // the answer to the last step was lost
            const auto again = upload(store, order(), packing("other content"), patient);
            ASSERT_TRUE(again) << "step " << at << ": " << again.error().error.describe();
            // The name is free unless the foreign file holds it.
            EXPECT_EQ(again->name, "h-cccccccc-3");
            EXPECT_EQ(usable_backups(store), 1) << at;
            EXPECT_EQ(store.files.size(), 4U) << names(store);
            EXPECT_EQ(store.files.at(foreign), "of another router");
        }
        EXPECT_EQ(last, 6) << "an upload has five steps";
    }
}

TEST(Upload, GoesOnWhenTheConnectionIsBack) {
    for (const bool is_done : {false, true})
        for (int at = 1; at <= 5; ++at) {
            MemoryStore store;
            int calls = 0;
            bool was_cut = false;
            (is_done ? store.after_step : store.before_step) = [&](int step) -> Result<void> {
                if (step != at || was_cut) return {};
                was_cut = true;
                return std::unexpected(cut());
            };
            const auto uploaded = upload(store, order(), packing(content, &calls), patient);
            ASSERT_TRUE(uploaded) << at << is_done << uploaded.error().error.describe();
            EXPECT_EQ(names(store), whole);
            EXPECT_EQ(store.files.at("h-3.tar.gz"), content);
            EXPECT_EQ(calls, at == 1 ? 2 : 1);
            EXPECT_TRUE(was_cut);
        }
}

TEST(Upload, IsGivenUpAfterSomeTries) {
    MemoryStore store;
    int calls = 0;
    store.before_step = [](int) -> Result<void> { return std::unexpected(cut()); };
    const auto uploaded = upload(store, order(), packing(content, &calls), patient);
    EXPECT_EQ(uploaded.error().cause, Cause::unreachable);
    EXPECT_EQ(calls, 3);
}

TEST(Upload, ThatTheServerStoresWronglyIsAnError) {
    for (const std::string flaw : {"short", "empty", "changed"}) {
        MemoryStore store;
        store.store_as = [&](std::string text) {
            if (flaw == "empty") return std::string();
            if (flaw == "short") return text.substr(0, text.size() - 1);
            text.back() = 'y';
            return text;
        };
        const auto uploaded = upload(store, order(), packing(content), patient);
        ASSERT_FALSE(uploaded) << flaw;
        EXPECT_EQ(uploaded.error().cause, Cause::wrong_answer);
        EXPECT_TRUE(uploaded.error().error.describe().contains("has stored"))
            << uploaded.error().error.describe();
        EXPECT_EQ(names(store), "") << flaw;
    }
}

TEST(Upload, ThatCannotBePackedLeavesNothing) {
    MemoryStore store;
    const auto uploaded = upload(
        store, order(),
        [](int output) -> Expected<void> {
            TRY(write_all(output, "a part", "pipe", ErrorKind::medkit));
            return fail(ErrorKind::medkit, "a file has changed");
        },
        patient);
    ASSERT_FALSE(uploaded);
    EXPECT_EQ(uploaded.error().cause, Cause::local);
    EXPECT_EQ(uploaded.error().error.message(), "a file has changed");
    EXPECT_EQ(names(store), "");
}

TEST(Upload, ARemovalThatEndsAnywhereIsCompletedByTheNextCall) {
    int last = 0;
    for (int at = 1; last == 0; ++at) {
        MemoryStore store;
        ASSERT_TRUE(upload(store, order(), packing(content), patient));
        store.files["h-30.info"] = "";
        store.steps = 0;
        store.before_step = [&](int step) -> Result<void> {
            if (step >= at) return std::unexpected(cut());
            return {};
        };
        const auto removed = remove_backup(store, "h-3", system_a, {.rules = {.tries = 1}});
        store.before_step = [](int) { return Result<void>(); };
        if (removed) last = at;
        if (at > 1) {
            EXPECT_EQ(usable_backups(store), 0) << at;
            EXPECT_TRUE(clear_up(store, system_a, patient));
        }
        EXPECT_EQ(names(store), at == 1 ? whole + " h-30.info" : "h-30.info");
    }
    EXPECT_EQ(last, 5) << "a removal has four steps";
}

TEST(Download, GoesOnWhereTheConnectionBrokeOff) {
    MemoryStore store;
    std::string text;
    for (int i = 0; i < 1000; ++i) text += std::to_string(i);
    store.files["f"] = text;
    store.cuts = {1, 100, 7, 1000, 1};
    std::string read;
    const auto sink = [&](std::string_view bytes) {
        read += bytes;
        return Expected<void>();
    };
    const auto sum = read_whole(store, "f", Bytes{text.size()}, sink, patient, {});
    ASSERT_TRUE(sum) << sum.error().error.describe();
    EXPECT_EQ(read, text);
    EXPECT_EQ(sum->size, Bytes{text.size()});
    store.cuts = {0, 0, 0};
    EXPECT_EQ(read_whole(store, "f", Bytes{text.size()}, sink, patient, {}).error().cause,
              Cause::unreachable);
}

TEST(Download, DamageIsAnError) {
    MemoryStore store;
    ASSERT_TRUE(upload(store, order(), packing(content), patient));
    store.files["h-3.tar.gz"].front() = 'y';
    const auto backups = list_backups(store, patient).value();
    const auto nowhere = [](std::string_view) { return Expected<void>(); };
    const auto read = read_archive(store, backups[0], nowhere, patient, {});
    ASSERT_FALSE(read);
    EXPECT_TRUE(read.error().error.describe().contains("is damaged")) << read.error().error.describe();
    // A router in the field has uploaded it: no size, no sum.
    store.files["h-3.info"] = "TYPE=\"single\"\n";
    store.files.erase("h-3.tar.gz.sha256");
    EXPECT_EQ(read_archive(store, list_backups(store, patient).value()[0], nowhere, patient, {}).value(),
              Verified::no_sum);
}

TEST(UploadClaim, IsHeldByOneAtATime) {
    const std::string mine = "unit-test-" + std::to_string(::getpid());
    auto first = UploadClaim::make(mine);
    ASSERT_TRUE(first);
    EXPECT_FALSE(UploadClaim::make(mine));
    EXPECT_TRUE(UploadClaim::make(mine + "-other"));
    {
        const auto over = std::move(*first);
    }
    EXPECT_TRUE(UploadClaim::make(mine));
}

}  // namespace
}  // namespace mox::remote
