#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"

namespace mox::test_support {

/// A running qemu-storage-daemon that shows an image file under a second path, through FUSE, as a file that
/// losetup can attach. What happens to the requests in between is what it is for. All functions throw when
/// something goes wrong.
class StorageDaemon {
public:
    /// Every request to `shown` is appended to `log` (dm-log-writes format, see write_log.hpp), in the order
    /// of their arrival, before it changes `image`. `shown` is an existing file, over which the image
    /// appears.
    [[nodiscard]] static StorageDaemon recording(const std::filesystem::path& image,
                                                 const std::filesystem::path& log,
                                                 const std::filesystem::path& shown);

    /// Reading the sector of 512 bytes that holds byte `bad` of `image` fails with EIO, every time.
    [[nodiscard]] static StorageDaemon with_unreadable_sector(const std::filesystem::path& image,
                                                              std::uint64_t bad,
                                                              const std::filesystem::path& shown);

    /// Just shows the image, until it breaks down.
    [[nodiscard]] static StorageDaemon showing(const std::filesystem::path& image,
                                               const std::filesystem::path& shown);

    /// Reading takes a second for each megabyte: time to do something meanwhile.
    [[nodiscard]] static StorageDaemon slow(const std::filesystem::path& image,
                                            const std::filesystem::path& shown);

    StorageDaemon(StorageDaemon&& other) noexcept;
    StorageDaemon& operator=(StorageDaemon&&) = delete;
    StorageDaemon(const StorageDaemon&) = delete;
    StorageDaemon& operator=(const StorageDaemon&) = delete;
    /// Ends the daemon if `stop` was not called, the hard way if it does not listen.
    ~StorageDaemon();

    /// Ends it; image and log are complete afterwards. Precondition: nobody uses `shown` any more.
    void stop();

    /// Requests wait until go_on().
    void hold() const;
    void go_on() const;

    /// From now on every request fails, as with a drive that was pulled out.
    void break_down() const;

private:
    explicit StorageDaemon(std::filesystem::path shown) : shown_(std::move(shown)) {}
    static StorageDaemon started(const std::vector<std::string>& blocks, const std::filesystem::path& shown,
                                 const std::vector<std::string>& objects = {});

    void start(std::vector<std::string> argv);
    void wait_for_line_with(const std::string& word);
    void order(const std::string& command);
    void clean_up();

    pid_t pid_ = -1;
    UniqueFd control_;  ///< QMP: one JSON object per line, both ways
    std::filesystem::path shown_;
};

}  // namespace mox::test_support
