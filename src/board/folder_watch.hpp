#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>

#include "base/error.hpp"

namespace mox::board {

/// Notices new entries of a folder (inotify). While the folder does not exist its nearest existing ancestor
/// is watched for it.
class FolderWatch {
public:
    /// Errors (`internal`): the kernel has no inotify or no more watches.
    [[nodiscard]] static Expected<FolderWatch> on(const boost::asio::any_io_executor& executor,
                                                  const std::filesystem::path& folder);

    /// Becomes readable with the first change. Then look, and watch anew.
    [[nodiscard]] boost::asio::posix::stream_descriptor& descriptor() { return descriptor_; }

private:
    explicit FolderWatch(boost::asio::posix::stream_descriptor descriptor)
        : descriptor_(std::move(descriptor)) {}

    boost::asio::posix::stream_descriptor descriptor_;
};

}  // namespace mox::board
