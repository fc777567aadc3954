#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "support/power_cut_examination.hpp"

namespace mox::test_support {

enum class CutKind { at_flush, at_random, with_lost_writes };

/// What many cuts have shown, step by step: the table of docs/restart-contracts.md.
class CutTable {
public:
    void add(CutKind kind, const CardAfterCut& card);
    void add_next_run(StepReached step, const std::string& what_it_did);

    /// In Markdown, with the numbers of cuts.
    [[nodiscard]] std::string text() const;
    /// Without the columns of numbers, which differ from run to run.
    [[nodiscard]] std::string text_without_numbers() const;

    [[nodiscard]] bool has(StepReached step) const { return rows_.contains(step); }

private:
    struct Row {
        std::set<std::string> besides;
        std::set<BootsAfterCut> boots;
        std::set<std::string> next_runs;
        std::array<std::size_t, 3> cuts{};
    };
    std::map<StepReached, Row> rows_;
};

/// The table in a document that the test `generator` writes, between its two marks. Throws if there is none.
[[nodiscard]] std::string table_in(const std::filesystem::path& document,
                                   const std::string& generator = "power_cut_reflash_test");

/// The same without the numbers.
[[nodiscard]] std::string without_numbers(const std::string& table);

/// Puts a new table in its place.
void replace_table_in(const std::filesystem::path& document, const std::string& table,
                      const std::string& generator = "power_cut_reflash_test");

}  // namespace mox::test_support
