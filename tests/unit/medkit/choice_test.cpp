#include "medkit/choice.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace mox::medkit {
namespace {

using namespace std::chrono_literals;
using storage::DriveRole;

std::chrono::sys_seconds day(int year, unsigned month, unsigned day_of_month) {
    return std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) /
                                 static_cast<int>(day_of_month)};
}

Candidate on_usb(std::string name) {
    Candidate candidate;
    candidate.name = std::move(name);
    candidate.place = "USB drive";
    return candidate;
}

Candidate on_card(std::string name) {
    auto candidate = on_usb(std::move(name));
    candidate.drive = DriveRole::card;
    candidate.place = "card";
    return candidate;
}

/// Every combination of what the rules look at: 2 x 2 x 2 x 3 x 6 x 3.
std::vector<Candidate> all_combinations() {
    std::vector<Candidate> all;
    for (const bool valid : {false, true})
        for (const bool other_contract : {false, true})
            for (const auto drive : {DriveRole::card, DriveRole::usb})
                for (const auto trust :
                     {TrustLevel::unverified, TrustLevel::checksummed, TrustLevel::signed_by_trusted_key})
                    for (const auto* version : {"", "7.0.2", "7.0.10", "8.0.0-rc1", "8.0.0", "8.0"})
                        for (const auto built :
                             {std::optional<std::chrono::sys_seconds>{}, std::optional{day(2025, 1, 1)},
                              std::optional{day(2026, 1, 1)}})
                            all.push_back({.name = "m",
                                           .drive = drive,
                                           .valid = valid,
                                           .trust = trust,
                                           .version = version,
                                           .built = built,
                                           .place = {},
                                           .rejection = {},
                                           .for_other_contract = other_contract});
    return all;
}

TEST(Choice, IsAStrictWeakOrderingOverAllCombinations) {
    const auto all = all_combinations();
    // Sorted by the relation itself, groups of equals then stand together; if the relation holds between all
    // pairs as their places say, it is irreflexive, transitive, and so is being equal.
    auto sorted = all;
    std::ranges::sort(sorted, is_better);
    std::vector<std::size_t> group(sorted.size(), 0);
    for (std::size_t i = 1; i < sorted.size(); ++i)
        group[i] = group[i - 1] + (is_better(sorted[i - 1], sorted[i]) ? 1 : 0);
    for (std::size_t i = 0; i < sorted.size(); ++i)
        for (std::size_t j = 0; j < sorted.size(); ++j)
            ASSERT_EQ(is_better(sorted[i], sorted[j]), group[i] < group[j]) << i << " and " << j;
    EXPECT_EQ(group.back() + 1, 2U * 2 * 2 * 3 * 6 * 3) << "all combinations differ in something";
}

TEST(Choice, PutsTheDocumentedRulesInTheDocumentedOrder) {
    // Each loses against the next one, although it is better by every rule that comes later.
    auto invalid = on_usb("invalid");
    invalid.valid = false;
    invalid.trust = TrustLevel::signed_by_trusted_key;
    invalid.version = "9";
    auto other_contract = on_usb("other contract");
    other_contract.for_other_contract = true;
    other_contract.trust = TrustLevel::signed_by_trusted_key;
    other_contract.version = "9";
    auto card = on_card("card");
    card.trust = TrustLevel::signed_by_trusted_key;
    card.version = "9";
    auto bare = on_usb("bare");
    bare.version = "9";
    auto hashed = on_usb("hashed");
    hashed.trust = TrustLevel::checksummed;
    hashed.version = "9";
    auto old_version = on_usb("old version");
    old_version.trust = TrustLevel::signed_by_trusted_key;
    old_version.version = "7.0.2";
    old_version.built = day(2026, 6, 1);
    auto old_build = on_usb("old build");
    old_build.trust = TrustLevel::signed_by_trusted_key;
    old_build.version = "7.0.10";
    old_build.built = day(2026, 1, 1);
    auto best = old_build;
    best.name = "best";
    best.built = day(2026, 1, 2);

    const std::vector<Candidate> ladder{invalid, other_contract, card,      bare,
                                        hashed,  old_version,    old_build, best};
    for (std::size_t i = 0; i < ladder.size(); ++i)
        for (std::size_t j = 0; j < ladder.size(); ++j)
            EXPECT_EQ(is_better(ladder[i], ladder[j]), i > j) << ladder[i].name << " / " << ladder[j].name;
    EXPECT_EQ(choose(ladder), 7U);
}

TEST(Choice, GivesLatestNoPrivilege) {
    auto latest = on_usb("mox-medkit-latest.tar.gz");
    latest.version = "7.0.2";
    latest.built = day(2025, 3, 1);
    auto dated = on_usb("mox-medkit-202611221524.tar.gz");
    dated.version = "7.0.2";
    dated.built = day(2026, 11, 22);
    EXPECT_EQ(choose(std::vector{latest, dated}), 1U);
    dated.version = "7.0.1";
    EXPECT_EQ(choose(std::vector{latest, dated}), 0U);
}

TEST(Choice, TakesTheFirstOfEquals) {
    EXPECT_EQ(choose(std::vector{on_usb("a"), on_usb("b")}), 0U);
}

TEST(Choice, TakesNothingWhenNothingIsValid) {
    auto invalid = on_usb("a");
    invalid.valid = false;
    EXPECT_EQ(choose(std::vector{invalid}), std::nullopt);
    EXPECT_EQ(choose({}), std::nullopt);
}

TEST(Explanation, SaysWhatWasTakenAndWhyTheOthersWereNot) {
    auto taken = on_usb("mox-medkit-latest.tar.gz");
    taken.trust = TrustLevel::signed_by_trusted_key;
    taken.version = "8.0.0";
    taken.built = day(2026, 11, 22) + 15h + 24min;
    auto broken = on_usb("mox-medkit-broken.tar.gz");
    broken = after_rejection(broken, Error(ErrorKind::medkit, "mox-medkit-broken.tar.gz: SHA-256 ..."));
    auto unsigned_one = on_usb("mox-medkit-mine.tar.gz");
    auto older = taken;
    older.name = "mox-medkit-old.tar.gz";
    older.version = "7.0.10";
    auto earlier = taken;
    earlier.name = "mox-medkit-earlier.tar.gz";
    earlier.built = day(2026, 11, 21);
    auto contract = taken;
    contract.name = "mox-medkit-contract-x.tar.gz";
    contract.for_other_contract = true;
    auto twin = taken;
    twin.name = "mox-medkit-twin.tar.gz";
    auto renamed = taken;
    renamed.name = "mox-medkit-latest (1).tar.gz";
    renamed.altered_name = true;

    const auto lines = explain_choice(std::vector{on_card("mox-medkit-card.tar.gz"), taken, broken,
                                                  unsigned_one, older, earlier, contract, twin, renamed});
    const std::vector<std::string> expected{
        "card: mox-medkit-card.tar.gz: not taken: it is on the card, and a USB drive goes first",
        "USB drive: mox-medkit-latest.tar.gz: taken (signed, version 8.0.0, of 2026-11-22 15:24 UTC)",
        "USB drive: mox-medkit-broken.tar.gz: rejected: mox-medkit-broken.tar.gz: SHA-256 ...",
        ("USB drive: mox-medkit-mine.tar.gz: not taken: not verified, the other one has a higher trust level "
         "(signed)"),
        "USB drive: mox-medkit-old.tar.gz: not taken: version 7.0.10, the other one is newer (version 8.0.0)",
        ("USB drive: mox-medkit-earlier.tar.gz: not taken: of 2026-11-21 00:00 UTC, the other one is newer "
         "(of 2026-11-22 15:24 UTC)"),
        "USB drive: mox-medkit-contract-x.tar.gz: not taken: made for routers under another contract",
        "USB drive: mox-medkit-twin.tar.gz: not taken: another one just as good was found before it",
        ("USB drive: mox-medkit-latest (1).tar.gz: not taken: it is as good, but its name was changed, and "
         "the other one's was not"),
    };
    EXPECT_EQ(lines, expected);
}

TEST(Explanation, OfNothingValidNamesEveryReason) {
    const auto rejected = after_rejection(on_usb("a.tar.gz"), Error(ErrorKind::medkit, "is empty"));
    EXPECT_EQ(explain_choice(std::vector{rejected}),
              std::vector<std::string>{"USB drive: a.tar.gz: rejected: is empty"});
}

TEST(Explanation, ShowsNoControlCharactersOfNames) {
    const auto lines = explain_choice(std::vector{on_usb("mox-medkit\x1b[2J.tar.gz")});
    EXPECT_EQ(lines.front().find('\x1b'), std::string::npos);
}

TEST(Candidates, AreJudgedByWhatStandsBesideThemUntilTheyAreVerified) {
    MedkitFiles files;
    files.archive = "mox-medkit-202611221524.tar.gz";
    EXPECT_EQ(candidate_before_verification(files, DriveRole::usb, "x").trust, TrustLevel::unverified);
    EXPECT_EQ(candidate_before_verification(files, DriveRole::usb, "x").built,
              day(2026, 11, 22) + 15h + 24min);
    files.md5 = "m";
    EXPECT_EQ(candidate_before_verification(files, DriveRole::usb, "x").trust, TrustLevel::checksummed);
    files.signature = "s";
    EXPECT_EQ(candidate_before_verification(files, DriveRole::usb, "x").trust,
              TrustLevel::signed_by_trusted_key);
    files.extra = "e";
    EXPECT_EQ(candidate_before_verification(files, DriveRole::usb, "x").trust, TrustLevel::unverified);
    files.extra_sha256 = "h";
    EXPECT_EQ(candidate_before_verification(files, DriveRole::usb, "x").trust, TrustLevel::checksummed);
}

TEST(Candidates, AreJudgedByTheirContentOnceTheyAreVerified) {
    VerifiedMedkit verified;
    verified.trust = TrustLevel::checksummed;
    verified.base.summary.version = "8.0.0";
    verified.base.summary.newest_mtime = 1'700'000'000;
    const auto candidate = after_verification(on_usb("a"), verified);
    EXPECT_EQ(candidate.trust, TrustLevel::checksummed);
    EXPECT_EQ(candidate.version, "8.0.0");
    EXPECT_EQ(candidate.built->time_since_epoch().count(), 1'700'000'000);
}

TEST(Versions, AreOrderedAsPeopleReadThem) {
    const std::vector<std::string> ascending{"",
                                             "alpha",
                                             "7",
                                             "7.0",
                                             "7.0.1-rc1",
                                             "7.0.1",
                                             "7.0.2",
                                             "7.0.10",
                                             "7.1",
                                             "8.0.0-alpha1",
                                             "8.0.0-beta",
                                             "8.0.0-rc1",
                                             "8.0.0-rc2",
                                             "8.0.0-rc10",
                                             "8.0.0",
                                             "8.0.0.1",
                                             "10",
                                             "99999999999999999999999999.1",
                                             "100000000000000000000000000"};
    for (std::size_t i = 0; i < ascending.size(); ++i)
        for (std::size_t j = 0; j < ascending.size(); ++j)
            EXPECT_EQ(compare_versions(ascending[i], ascending[j]), i <=> j)
                << ascending[i] << " / " << ascending[j];
}

TEST(Versions, DifferInNoLeadingZerosCaseOrSeparators) {
    EXPECT_TRUE(compare_versions("7.00.02", "7.0.2") == 0);
    EXPECT_TRUE(compare_versions("8.0.0-RC1", "8.0.0-rc1") == 0);
    EXPECT_TRUE(compare_versions("8.0.0~rc.1", "8.0.0-rc1") == 0);
}

TEST(Dates, AreReadFromNames) {
    EXPECT_EQ(date_in_name("mox-medkit-202611221524.tar.gz"), day(2026, 11, 22) + 15h + 24min);
    EXPECT_EQ(date_in_name("mox-medkit-turris-20261122.tar.gz"), day(2026, 11, 22));
    EXPECT_EQ(date_in_name("mox-medkit-7-202611221524 (1).tar.gz"), day(2026, 11, 22) + 15h + 24min);
    EXPECT_EQ(date_in_name("mox-medkit-202402290000.tar.gz"), day(2024, 2, 29));
}

TEST(Dates, ThatCannotBeAreNone) {
    for (const auto* name :
         {"mox-medkit-latest.tar.gz", "", "mox-medkit-202613221524.tar.gz", "mox-medkit-202502300000.tar.gz",
          "mox-medkit-202611222524.tar.gz", "mox-medkit-202611221560.tar.gz", "mox-medkit-2026112.tar.gz",
          "mox-medkit-2026112215240.tar.gz", "mox-medkit-000011221524.tar.gz"})
        EXPECT_EQ(date_in_name(name), std::nullopt) << name;
}

}  // namespace
}  // namespace mox::medkit
