#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "remote/store.hpp"

namespace mox::remote {

/// Reads the answer of a WebDAV server to PROPFIND (RFC 4918, 14.16) in pieces, as they come. It is data of a
/// stranger: document types and entities are refused, names that are not plain or not in the directory are
/// left out, and its size is limited by `most_files`. Pure: no network.
class MultistatusReader {
public:
    /// `directory`: the path that was asked for, not encoded. Only its own files are taken.
    explicit MultistatusReader(std::string directory);
    MultistatusReader(MultistatusReader&& other) noexcept;
    MultistatusReader& operator=(MultistatusReader&&) = delete;
    ~MultistatusReader();

    /// Errors (`network`): not well-formed, a document type, too many files. No call may follow then.
    [[nodiscard]] Expected<void> add(std::string_view text);

    /// The files. Errors (`network`): the answer is not complete, or not a multistatus.
    [[nodiscard]] Expected<std::vector<RemoteFile>> finish();

private:
    class Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace mox::remote
