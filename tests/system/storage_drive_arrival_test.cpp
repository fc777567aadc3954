#include "storage/sysfs_drives.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <exception>
#include <optional>
#include <system_error>

#include "base/file.hpp"
#include "support/loop_image.hpp"

namespace mox::storage {
namespace {

using namespace std::chrono_literals;

/// A disk that is new to the kernel (a loop device of a number that nobody has), removed afterwards.
class NewDisk {
public:
    NewDisk() {
        if (::ioctl(control_.get(), LOOP_CTL_ADD, number_) < 0)
            throw std::system_error(errno, std::generic_category(), "new loop device");
    }
    NewDisk(const NewDisk&) = delete;
    NewDisk& operator=(const NewDisk&) = delete;
    ~NewDisk() { ::ioctl(control_.get(), LOOP_CTL_REMOVE, number_); }

private:
    UniqueFd control_ = test_support::must(open_file("/dev/loop-control", O_RDWR, ErrorKind::internal));
    int number_ = 10'000 + ::getpid();
};

/// A generous deadline for what is expected to happen much earlier.
constexpr auto long_enough = 20s;

class DriveArrivals : public testing::Test {
protected:
    DriveArrivals() {
        EXPECT_EQ(arrival_.listen_error(), "");
        drain();
    }

    /// What the wait answers, and how long it took.
    bool wait(Clock::duration at_most) {
        std::optional<bool> answer;
        const auto start = Clock::now();
        boost::asio::co_spawn(loop_, arrival_.drive_change_before(start + at_most),
                              [&answer](const std::exception_ptr& bug, bool came) {
                                  if (bug) std::rethrow_exception(bug);
                                  answer = came;
                              });
        loop_.restart();
        loop_.run();
        took_ = Clock::now() - start;
        return answer.value();
    }

    /// Takes what other tests on this machine cause, as far as it is there already.
    void drain() {
        while (wait(0ms)) {
        }
    }

    boost::asio::io_context loop_;
    DriveArrival arrival_;
    Clock::duration took_{};
};

TEST_F(DriveArrivals, OneThatCameBeforeTheWaitIsNotMissed) {
    const NewDisk disk;
    EXPECT_TRUE(wait(long_enough));
    EXPECT_LT(took_, long_enough / 2);
}

TEST_F(DriveArrivals, OneThatComesDuringTheWaitEndsIt) {
    std::optional<NewDisk> disk;
    boost::asio::steady_timer plug_in(loop_, 100ms);
    plug_in.async_wait([&](const boost::system::error_code&) { disk.emplace(); });
    EXPECT_TRUE(wait(long_enough));
    EXPECT_LT(took_, long_enough / 2);
}

TEST_F(DriveArrivals, ADeadlineInThePastAnswersAtOnceAndStillHears) {
    const NewDisk disk;
    EXPECT_TRUE(wait(-1s));
    EXPECT_LT(took_, long_enough / 2);
}

TEST_F(DriveArrivals, EachIsToldOnce) {
    // Other tests may plug in disks of their own at the same time: try until they do not.
    for (int tries = 0; tries < 100; ++tries) {
        drain();
        if (!wait(50ms)) {
            EXPECT_GE(took_, 50ms);
            return;
        }
    }
    FAIL() << "the same news again and again";
}

}  // namespace
}  // namespace mox::storage
