#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "schnapps_run.hpp"
#include "snapshots_card.hpp"
#include "support/backup_servers.hpp"
#include "support/loop_image.hpp"
#include "support/medkit_factory.hpp"
#include "support/network_lab.hpp"
#include "support/network_servers.hpp"
#include "support/tree_digest.hpp"

namespace mox::test_support {

namespace fs = std::filesystem;

/// A card with a whole system and one snapshot, in a router whose cable leads to servers.
class SchnappsRemote : public testing::Test {
protected:
    SchnappsRemote() {
        test_support::run({"ip", "link", "set", "eth0", "up"});
        test_support::run({"ip", "address", "add", "10.77.0.2/24", "dev", "eth0"});
        lab_.replace_file("/etc/hosts", "10.77.0.1 repo.test\n");
        lab_.replace_file("/etc/nsswitch.conf", "hosts: files\npasswd: files\n");
        lab_.replace_file("/etc/ssl/certs/ca-certificates.crt", certificates_.authority());
        make_system_tree(card_ / "@", "7.2.3", 3);
        // What does not compress: a transfer takes more than one piece.
        test_support::run({"dd", "if=/dev/urandom", "of=" + (card_ / "@/srv.bin").native(), "bs=1M",
                           "count=3", "status=none"});
        EXPECT_EQ(run({"create", "-t", "pre", "the good one"}).status, 0);
    }

    Said run(std::vector<std::string> arguments) const {
        return schnapps(card_.node().native(), std::move(arguments));
    }

    /// The section `remote` of /etc/config/schnapps.
    void configure(const std::string& url, const std::string& more = "") const {
        write_file(card_ / "@/etc/config/schnapps", "config remote 'remote'\n\toption url '" + url +
                                                        "'\n\toption sync_types 'pre,single'\n" + more);
    }

    /// The names in a directory of a server, sorted, in one line.
    static std::string names_in(const fs::path& directory) {
        std::set<std::string> sorted;
        std::error_code missing;
        for (const auto& entry : fs::directory_iterator(directory, missing))
            sorted.insert(entry.path().filename());
        std::string text;
        for (const auto& name : sorted) text += (text.empty() ? "" : " ") + name;
        return text;
    }

    static void expect(const Said& said, int status, const std::string& part) {
        EXPECT_EQ(said.status, status) << testing::PrintToString(said);
        EXPECT_TRUE((said.out + said.err).contains(part)) << testing::PrintToString(said);
        EXPECT_FALSE((said.out + said.err).contains("geheim")) << testing::PrintToString(said);
    }

    /// The only backup there, "mox-medkit-HOST-1".
    std::string only_backup() const {
        const auto said = run({"rlist", "--json"});
        const auto at = said.out.find("\"name\": \"");
        EXPECT_NE(at, std::string::npos) << testing::PrintToString(said);
        if (at == std::string::npos) return {};
        const auto begin = at + 9;
        EXPECT_EQ(said.out.find("\"name\": \"", begin), std::string::npos) << said.out;
        return said.out.substr(begin, said.out.find('"', begin) - begin);
    }

    NetworkLab lab_;
    Certificates certificates_{lab_.folder() / "certificates"};
    SnapshotsCard card_;
};

}  // namespace mox::test_support
