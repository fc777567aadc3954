#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "remote/store.hpp"

namespace mox::remote {

/// A directory of this machine: a disk, or a share that is mounted. What `put` and `rename` have written is
/// on the disk when they return.
class DirectoryStore final : public Store {
public:
    DirectoryStore(std::filesystem::path directory, std::string shown)
        : directory_(std::move(directory)), shown_(std::move(shown)) {}

    [[nodiscard]] std::string shown() const override { return shown_; }
    [[nodiscard]] Result<std::vector<RemoteFile>> list() override;
    [[nodiscard]] Result<void> make_directory() override;
    [[nodiscard]] Result<void> put(const std::string& name, const ByteSource& source) override;
    [[nodiscard]] Result<void> get(const std::string& name, Bytes from, const ByteSink& sink) override;
    [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
    [[nodiscard]] Result<void> remove(const std::string& name) override;

private:
    [[nodiscard]] Result<UniqueFd> open() const;

    std::filesystem::path directory_;
    std::string shown_;
};

}  // namespace mox::remote
