#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/running_child.hpp"
#include "base/unique_fd.hpp"
#include "support/temporary_directory.hpp"

namespace mox::test_support {

/// A router's network port and the machine at the other end of its cable: two network namespaces with a veth
/// pair between them. Whoever makes it becomes the router: this process and all that it starts see `eth0` and
/// nothing of the PC's network. Or the router is a virtual machine, and the cable a tap. Make it before any
/// thread is started. Everything throws on failure.
///
/// The peer is 10.77.0.1/24 to begin with, and the cable is plugged in.
class NetworkLab {
public:
    /// What the peer's end of the cable is plugged into.
    enum class Cable {
        to_this_process,  ///< it has `eth0`
        to_a_tap          ///< whoever gets the tap: a virtual machine
    };

    explicit NetworkLab(Cable cable = Cable::to_this_process);
    NetworkLab(const NetworkLab&) = delete;
    NetworkLab& operator=(const NetworkLab&) = delete;
    ~NetworkLab();

    /// The other end of the cable, open (Cable::to_a_tap). Valid as long as this.
    [[nodiscard]] int tap() const { return tap_.get(); }

    /// A folder for configurations and logs; gone at the end.
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

    void plug_in() const;
    void unplug() const;

    /// A command that runs on the machine at the other end.
    [[nodiscard]] std::vector<std::string> at_peer(std::vector<std::string> argv) const;

    /// Starts a server there, which is killed when the test dies. What it says goes to `NAME.log` in the
    /// folder; returns once a line holds `ready`.
    [[nodiscard]] RunningChild start_at_peer(const std::string& name, std::vector<std::string> argv,
                                             std::string_view ready) const;

    /// What a server has said so far.
    [[nodiscard]] std::string log_of(const std::string& name) const;

    /// Runs `work` on this thread as if it were at the other end: sockets that it makes are there.
    void as_peer(const std::function<void()>& work) const;

    /// This process and its children read `content` where `path` is; the PC's own file stays as it is.
    void replace_file(const std::filesystem::path& path, std::string_view content);

    /// This process and its children find an empty folder in memory where `path` is.
    void replace_folder(const std::filesystem::path& path);

private:
    TemporaryDirectory folder_;
    UniqueFd router_namespace_;
    UniqueFd peer_namespace_;
    UniqueFd tap_;
    std::vector<std::filesystem::path> replaced_;
};

/// Waits until `condition` is true; throws after half a minute, naming `what`.
void wait_until(const std::function<bool()>& condition, std::string_view what);

/// The number of this process's child of that name. Throws if there is none.
[[nodiscard]] pid_t child_called(const std::string& name);

/// Everything in the file, or nothing if there is none.
[[nodiscard]] std::string text_of(const std::filesystem::path& path);

}  // namespace mox::test_support
