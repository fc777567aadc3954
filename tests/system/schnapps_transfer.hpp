#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "schnapps_run.hpp"
#include "snapshots_card.hpp"
#include "support/card_images.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"
#include "support/tree_digest.hpp"

namespace mox::test_support {

namespace fs = std::filesystem;

/// A card whose system is a whole one, with one snapshot of it.
class SchnappsTransfer : public testing::Test {
protected:
    SchnappsTransfer() {
        make_system_tree(card_ / "@", "7.2.3", 3);
        write_file(card_ / "@/etc/schnapps/config", "ROOT_DEV='/dev/mmcblk1p1'\n");
        fs::create_directory(out_);
        EXPECT_EQ(run({"create", "-t", "pre", "the good one, (7.2.3)"}).status, 0);
    }

    Said run(std::vector<std::string> arguments) const {
        return schnapps(card_.node().native(), std::move(arguments));
    }

    /// Exports to the folder; returns the archive.
    fs::path exported(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "export");
        arguments.push_back(out_.native());
        const auto said = run(std::move(arguments));
        EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
        return archive_of(said);
    }

    /// What the sentence names that scripts match: "Snapshot 1 was exported into DIR as FILE".
    fs::path archive_of(const Said& said) const {
        const auto line = said.out.substr(0, said.out.find('\n'));
        const auto as = line.find(" was exported into " + out_.native() + " as ");
        EXPECT_NE(as, std::string::npos) << testing::PrintToString(said);
        return out_ / line.substr(std::min(line.size(), line.rfind(' ') + 1));
    }

    fs::path exported_1() const { return exported({"1"}); }

    static std::string beside(const fs::path& archive, const std::string& ending) {
        return archive.native() + ending;
    }

    static fs::path info_of(const fs::path& archive) {
        const auto name = archive.native();
        return name.substr(0, name.rfind(".tar.gz")) + ".info";
    }

    static void expect_refused_without(const Said& said, const std::string& part) {
        EXPECT_EQ(said.status, 2) << testing::PrintToString(said);
        EXPECT_TRUE(said.err.contains(part)) << said.err;
    }

    void expect_refused(const Said& said, int status, const std::string& part) const {
        EXPECT_EQ(said.status, status) << testing::PrintToString(said);
        EXPECT_EQ(said.out, "");
        EXPECT_TRUE(said.err.contains(part)) << said.err;
        EXPECT_EQ(card_.names(), "1.info @ @1 @factory");
    }

    void set_password(const std::string& password) const {
        write_file(card_ / "@/etc/config/schnapps",
                   "config encrypt 'encrypt'\n\toption pass '" + password + "'\n");
    }

    RescueTable table_;
    SnapshotsCard card_;
    fs::path out_ = card_.outside("out");
};

}  // namespace mox::test_support
