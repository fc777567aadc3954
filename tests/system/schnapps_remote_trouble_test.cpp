// Backups on servers that fail, lines that are cut, and routers without power: no half backup counts, and the
// exit status says whose fault it is.

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "schnapps_remote.hpp"
#include "support/running_program.hpp"
#include "support/tcp_peer.hpp"

namespace mox::test_support {
namespace {

const std::string login = "\toption user 'jana'\n\toption password 'geheim'\n";

class SchnappsRemoteTrouble : public SchnappsRemote {
protected:
    [[nodiscard]] fs::path password_file(const std::string& text) const {
        const auto file = lab_.folder() / "password";
        write_file(file, text);
        return file;
    }

    fs::path there_ = lab_.folder() / "dav-content/dav/b";
};

TEST_F(SchnappsRemoteTrouble, AWebServerThatRefusesIsNamed) {
    const DavServer server(lab_, certificates_);
    configure("webdav://repo.test/dav/b", login);
    expect(run({"rlist"}), 6, "no such file or directory (status 404)");
    write_file(card_ / "@/etc/config/schnapps", "");
    const std::string url = "webdav://jana@repo.test/dav/b";
    const auto wrong = password_file("wrong\n").native();
    expect(run({"upload", "1", url, "--password-file", wrong}), 6,
           "does not accept user and password (status 401)");
    expect(run({"upload", "1", url}), 6, "(status 401)");
    expect(run({"upload", "1", "webdav://jana@repo.test/read-only", "--password-file",
                password_file("geheim\n").native()}),
           6, "does not permit it (status 403)");
    EXPECT_EQ(names_in(there_), "");
    EXPECT_EQ(names_in(server.content() / "read-only"), "");
    const auto file = password_file("geheim\nsecond line\n").native();
    expect(run({"upload", "1", url, "--password-file", file}), 0, "Snapshot 1 was uploaded");
    expect(run({"rlist", "--url", "webdav://repo.test/dav/b", "--user", "jana", "--password-file", file}), 0,
           "the good one");
    expect(run({"rlist", "--url", "webdav://repo.test/dav/b", "--ca", certificates_.unknown().native(),
                "--user", "jana", "--password-file", file}),
           6, "cannot prove who it is");
    // Without a scheme that says so, nothing goes out unencrypted.
    expect(
        run({"rlist", "--url", "webdav://10.77.0.1:8080/dav/b", "--user", "jana", "--password-file", file}),
        1, "10.77.0.1:8080");
    expect(run({"rlist", "--url", "webdav+http://10.77.0.1:8080/dav/b", "--user", "jana", "--password-file",
                file}),
           0, "the good one");
    expect(run({"rlist", "--url", "smb://repo.test/share"}), 1, "there are webdav://");
}

/// Nextcloud has moved the files of its users; the old place is still there. (SchnappsWithServer has a server
/// without the new one.)
TEST_F(SchnappsRemoteTrouble, NextcloudOfTodayGetsItAtItsNewPlace) {
    const DavServer server(lab_, certificates_);
    const auto place = server.content() / "remote.php/dav/files/jana";
    fs::create_directories(place);
    fs::permissions(place, fs::perms(0777));
    configure("nextcloud://repo.test/mox", login);
    expect(run({"upload", "1"}), 0, "Snapshot 1 was uploaded");
    const auto name = only_backup();
    EXPECT_EQ(names_in(place / "mox"), name + ".info " + name + ".tar.gz " + name + ".tar.gz.sha256");
    EXPECT_EQ(names_in(server.content() / "remote.php/webdav"), "");
}

TEST_F(SchnappsRemoteTrouble, AWebServerWithoutSpaceHasNoHalfBackup) {
    const DavServer server(lab_, certificates_);
    configure("webdav://repo.test/dav/b", login);
    fs::create_directory(there_);
    ASSERT_EQ(::mount("tmpfs", there_.c_str(), "tmpfs", 0, "size=1m,mode=0777"), 0);
    const auto said = run({"upload", "1"});
    EXPECT_EQ(names_in(there_), "");
    ASSERT_EQ(::umount(there_.c_str()), 0);
    expect(said, 6, "(status 507)");
}

/// A line that is cut in the middle of an upload, and of a download.
TEST_F(SchnappsRemoteTrouble, AWebdavTransferGoesOnAfterACut) {
    const DavServer server(lab_, certificates_);
    const CutLine up(lab_, 9001, DavServer::plain, {1 << 20}, CutSide::client);
    const CutLine down(lab_, 9002, DavServer::plain, {64 << 10, 2 << 20}, CutSide::server);
    configure("webdav+http://10.77.0.1:9001/dav/b", login);
    expect(run({"upload", "1"}), 0, "trying again");
    EXPECT_GE(up.conversations(), 2);
    configure("webdav+http://10.77.0.1:9002/dav/b", login);
    const auto name = only_backup();
    expect(run({"import", "remote:1"}), 0, "Snapshot imported as number 2");
    EXPECT_EQ(describe_tree(card_ / "@2"), describe_tree(card_ / "@1"));
    EXPECT_EQ(names_in(there_), name + ".info " + name + ".tar.gz " + name + ".tar.gz.sha256");
    EXPECT_TRUE(server.requests().contains(".tar.gz 206")) << server.requests();
}

TEST_F(SchnappsRemoteTrouble, AnSshTransferGoesOnAfterACut) {
    const SftpServer server(lab_);
    const CutLine up(lab_, 9001, SftpServer::port, {1 << 20}, CutSide::client);
    const CutLine down(lab_, 9002, SftpServer::port, {64 << 10, 2 << 20}, CutSide::server);
    const auto options = [&](int port) {
        return "\toption ssh_config '" + server.client(port).native() + "'\n";
    };
    configure("ssh://10.77.0.1:9001" + server.content().native(), options(9001));
    expect(run({"upload", "1"}), 0, "trying again");
    configure("ssh://10.77.0.1:9002" + server.content().native(), options(9002));
    expect(run({"import", "remote:1"}), 0, "Snapshot imported as number 2");
    EXPECT_EQ(describe_tree(card_ / "@2"), describe_tree(card_ / "@1"));
    EXPECT_FALSE(names_in(server.content()).contains("incomplete"));
}

TEST_F(SchnappsRemoteTrouble, AnSshServerThatIsNotKnownGetsNothing) {
    const SftpServer server(lab_);
    const auto url = "ssh://10.77.0.1:2222" + server.content().native();
    const auto upload_as = [&](const fs::path& client) {
        return run({"upload", "1", url, "--ssh-config", client.native()});
    };
    expect(upload_as(server.client_of_unknown()), 6, "host key of 10.77.0.1 is not known");
    expect(upload_as(server.client_of_other()), 6, "it may be another server");
    expect(upload_as(server.client_without_key()), 6, "accepts none of the keys");
    EXPECT_EQ(names_in(server.content()), "");
    ASSERT_EQ(::mount("tmpfs", server.content().c_str(), "tmpfs", 0, "size=1m"), 0);
    const auto said = upload_as(server.client());
    EXPECT_EQ(names_in(server.content()), "");
    ASSERT_EQ(::umount(server.content().c_str()), 0);
    expect(said, 6, "as it does when its disk is full");
}

/// The router loses power in the middle: what is there does not count, and the next call clears it up.
TEST_F(SchnappsRemoteTrouble, AKilledUploadIsClearedUp) {
    const auto there = card_.outside("there");
    configure("local://" + there.native());
    // More than a pipe holds: it cannot end before it is seen.
    test_support::run({"dd", "if=/dev/urandom", "of=" + (card_ / "@/more.bin").native(), "bs=1M", "count=60",
                       "status=none"});
    ASSERT_EQ(run({"create", "large"}).status, 0);
    {
        RunningProgram upload({SCHNAPPS_PROGRAM, "-d", card_.node().native(), "upload", "2"});
        wait_until([&] { return names_in(there).contains(".incomplete"); }, "the upload to begin");
        ASSERT_EQ(::kill(upload.pid(), SIGKILL), 0);
        EXPECT_EQ(upload.wait(), 128 + SIGKILL);
    }
    ASSERT_TRUE(names_in(there).contains(".incomplete")) << names_in(there);
    EXPECT_FALSE(run({"rlist", "-c"}).out.contains("large"));
    write_file(there / "of-another-router.tar.gz.0123456789abcdef0123456789abcdef.incomplete", "");
    expect(run({"upload", "1"}), 0, "Snapshot 1 was uploaded");
    const auto name = only_backup();
    EXPECT_EQ(names_in(there),
              name + ".info " + name + ".tar.gz " + name +
                  ".tar.gz.sha256 of-another-router.tar.gz.0123456789abcdef0123456789abcdef.incomplete");
}

}  // namespace
}  // namespace mox::test_support
