// `schnapps upload`, `rlist`, `sync`, `download` and `import remote:` with real servers: what goes there
// comes back.

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "schnapps_remote.hpp"

namespace mox::test_support {
namespace {

/// A kind of server: its URL, and where its files are on this machine.
struct Kind {
    std::string name;
    std::string url;
    std::string options = {};
    std::string directory = {};  ///< below the folder of the network lab
};

void PrintTo(const Kind& kind, std::ostream* out) {
    *out << kind.name;
}

const std::string login = "\toption user 'jana'\n\toption password 'geheim'\n";

class SchnappsWithServer : public SchnappsRemote, public testing::WithParamInterface<Kind> {
protected:
    SchnappsWithServer() {
        const auto& kind = GetParam();
        auto url = kind.url;
        auto options = kind.options;
        if (kind.name == "Directory") url += lab_.folder().native() + "/there/backups";
        if (kind.name == "Ssh") {
            sftp_.emplace(lab_);
            url += sftp_->content().native() + "/deep/backups";
            options += "\toption ssh_config '" + sftp_->client().native() + "'\n";
        }
        if (url.starts_with("webdav") || url.starts_with("nextcloud")) dav_.emplace(lab_, certificates_);
        configure(url, options);
        there_ = lab_.folder() / kind.directory;
    }

    std::optional<DavServer> dav_;
    std::optional<SftpServer> sftp_;
    fs::path there_;
};

TEST_P(SchnappsWithServer, WhatIsUploadedComesBack) {
    const auto before = card_.names();
    const auto uploaded = run({"upload", "1"});
    expect(uploaded, 0, "Snapshot 1 was uploaded to ");
    const auto name = only_backup();
    ASSERT_EQ(names_in(there_), name + ".info " + name + ".tar.gz " + name + ".tar.gz.sha256");
    expect(run({"upload", "1"}), 8, "is on the server already");
    expect(run({"rlist"}), 0, "   1 | pre       |");
    expect(run({"rlist"}), 0, "the good one");
    expect(run({"rlist", "-c"}), 0, "1,pre,");
    expect(run({"rlist", "-j"}), 0, "\"number\": 1");
    expect(run({"rlist", "--verify", "--json"}), 0, "\"verified\": true");

    const auto out = card_.outside("out");
    fs::create_directory(out);
    expect(run({"download", "1", out.native()}), 0, (out / (name + ".tar.gz")).native());
    EXPECT_EQ(names_in(out), names_in(there_));
    for (const std::string ending : {".info", ".tar.gz", ".tar.gz.sha256"})
        EXPECT_EQ(read_file(out / (name + ending)), read_file(there_ / (name + ending))) << ending;
    expect(run({"download", name, out.native()}), 2, "is there already");
    EXPECT_EQ(card_.names(), before) << "something was left on the card";

    expect(run({"import", "remote:1"}), 0, "Snapshot imported as number 2\n");
    EXPECT_EQ(describe_tree(card_ / "@2"), describe_tree(card_ / "@1"));
    EXPECT_EQ(read_file(card_ / "2.info"), read_file(card_ / "1.info"));
    expect(run({"import", "remote:7"}), 6, "there is no backup 7");

    // Damage on the server is seen.
    write_file(there_ / (name + ".tar.gz"),
               std::string(read_file(there_ / (name + ".tar.gz"))).replace(100, 1, "?"));
    expect(run({"rlist", "--verify"}), 7, "is damaged");
    expect(run({"import", "remote:1"}), 2, "is damaged");
    fs::resize_file(there_ / (name + ".tar.gz"), 1000);
    expect(run({"rlist"}), 0, "1000 bytes in place of");
    expect(run({"import", "remote:" + name}), 6, "1000 bytes in place of");
    EXPECT_EQ(card_.numbers(), "1 2");
}

TEST_P(SchnappsWithServer, SyncUploadsWhatIsMissingAndRemovesWhatIsGone) {
    EXPECT_EQ(run({"create", "-t", "time", "not of these types"}).status, 0);
    EXPECT_EQ(run({"create", "second"}).status, 0);
    expect(run({"sync", "--dry-run"}), 0, "snapshot 1 would be uploaded\nsnapshot 3 would be uploaded\n");
    EXPECT_EQ(names_in(there_), "");
    expect(run({"sync"}), 0, "snapshot 3 was uploaded");
    expect(run({"sync"}), 8, "nothing to do");
    expect(run({"upload", "2"}), 0, "Snapshot 2 was uploaded");
    ASSERT_EQ(run({"delete", "2", "3"}).status, 0);
    EXPECT_EQ(run({"create", "the number 2 again, another snapshot"}).status, 0);
    EXPECT_EQ(card_.numbers(), "1 2");
    expect(run({"sync", "-t", "all", "--dry-run"}), 0, "-3 would be removed");
    expect(run({"sync", "-t", "all"}), 0, "snapshot 2 was uploaded");
    // The user's upload stays, and so does the first one; both have the number 2.
    const auto listed = run({"rlist", "-c"});
    expect(listed, 0, "1,pre,");
    EXPECT_TRUE(listed.out.contains("not of these types")) << listed.out;
    EXPECT_TRUE(listed.out.contains("another snapshot")) << listed.out;
    EXPECT_FALSE(listed.out.contains("\n3,")) << listed.out;
    expect(run({"rlist"}), 0, "number 2: ");
    expect(run({"sync", "-t", "all"}), 8, "nothing to do");
    EXPECT_FALSE(names_in(there_).contains("incomplete"));
}

INSTANTIATE_TEST_SUITE_P(
    Each, SchnappsWithServer,
    testing::Values(Kind{"Directory", "local://", "", "there/backups"},
                    Kind{"Webdav", "webdav://repo.test/dav/my%20backups", login,
                         "dav-content/dav/my backups"},
                    Kind{"Nextcloud", "nextcloud://repo.test", login + "\toption path 'mox'\n",
                         "dav-content/remote.php/webdav/mox"},
                    Kind{"Ssh", "ssh://10.77.0.1:2222", "", "sftp-content/deep/backups"}),
    [](const auto& kind) { return kind.param.name; });

/// Names and files as routers in the field write them, and those of a life before.
TEST_F(SchnappsRemote, BackupsOfTheFieldAreListedAndImportedAndStay) {
    const auto there = card_.outside("there");
    fs::create_directory(there);
    configure("file://" + there.native());
    ASSERT_EQ(run({"export", "1", there.native()}).status, 0);
    std::string name;
    for (const auto& entry : fs::directory_iterator(there)) {
        const auto& file = entry.path();
        if (file.extension() == ".info") name = file.stem();
        if (file.extension() == ".sha256" || file.extension() == ".md5") fs::remove(file);
    }
    // Nothing on the card is this one: its number is used again.
    write_file(there / (name + ".info"),
               "TYPE=\"pre\"\nDESCRIPTION=\"of the shell version\"\nCREATED=\"2020-01-01 00:00:00 +0000\"\n");
    write_file(there / "half-9.info", "TYPE=\"time\"\n");
    expect(run({"rlist"}), 0, "of the shell version");
    expect(run({"rlist"}), 0, "(damaged: its archive is missing)");
    expect(run({"sync", "-t", "all"}), 0, "snapshot 1 was uploaded");
    expect(run({"import", "remote:" + name}), 0, "Snapshot imported as number 2");
    EXPECT_EQ(describe_tree(card_ / "@2"), describe_tree(card_ / "@1"));
    ASSERT_EQ(run({"delete", "1"}).status, 0);
    expect(run({"sync", "-t", "all"}), 0, "was removed: its snapshot was deleted");
    EXPECT_TRUE(fs::exists(there / (name + ".tar.gz")));
    EXPECT_TRUE(fs::exists(there / "half-9.info"));
}

TEST_F(SchnappsRemote, AnEncryptedBackupComesBack) {
    const auto there = card_.outside("there");
    configure("local://" + there.native(), "config encrypt 'encrypt'\n\toption pass 'geheim'\n");
    expect(run({"upload", "1"}), 0, ".tar.gz.gpg");
    expect(run({"rlist", "--verify", "--json"}), 0, "\"encrypted\": true");
    expect(run({"import", "remote:1"}), 0, "Snapshot imported as number 2");
    EXPECT_EQ(describe_tree(card_ / "@2"), describe_tree(card_ / "@1"));
}

}  // namespace
}  // namespace mox::test_support
