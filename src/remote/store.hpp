#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "remote/failure.hpp"

namespace mox::remote {

/// Fills the buffer with the next bytes and returns their number; 0: the end. An error ends the transfer, and
/// nothing counts as stored.
using ByteSource = std::function<Expected<std::size_t>(std::span<char>)>;

/// Takes the next bytes. An error ends the transfer.
using ByteSink = std::function<Expected<void>(std::string_view)>;

/// A file in the directory of a server.
struct RemoteFile {
    std::string name;
    std::optional<Bytes> size;  ///< nullopt: the server does not tell
};

/// What a name in a remote directory must be like, to be used at all: one component, 1 to 255 bytes, not `.`
/// or `..`, no slash, backslash or control character, and UTF-8. A server may send any name.
[[nodiscard]] bool is_plain_name(std::string_view name);

/// More files than this are not read from a server's directory: it is not one of backups.
inline constexpr std::size_t most_files = 20'000;

/// One directory on a server. All names are plain (is_plain_name). Functions block; a signal that requests a
/// stop (base/interruption.hpp) ends them. They try once: the caller decides about another try.
class Store {
public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    /// The directory for messages, without a password: "webdav://home.example/backups".
    [[nodiscard]] virtual std::string shown() const = 0;

    /// The files in the directory, in no order; directories and names that are not plain are left out.
    /// Failures: `missing`: there is no such directory; `wrong_answer`: more than `most_files`.
    [[nodiscard]] virtual Result<std::vector<RemoteFile>> list() = 0;

    /// Makes the directory, and those above it. Not a failure: it is there.
    [[nodiscard]] virtual Result<void> make_directory() = 0;

    /// Writes a file of a length that is not known before; replaces one of that name.
    [[nodiscard]] virtual Result<void> put(const std::string& name, const ByteSource& source) = 0;

    /// Reads a file from the byte `from` on.
    [[nodiscard]] virtual Result<void> get(const std::string& name, Bytes from, const ByteSink& sink) = 0;

    /// Failures: `exists`: there is a file `to`, which stays as it is.
    [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;

    /// Not a failure: there is no such file.
    [[nodiscard]] virtual Result<void> remove(const std::string& name) = 0;
};

/// A text as a source. The text must outlive the source.
[[nodiscard]] ByteSource source_of(std::string_view text);

/// A whole small file. Failures: `wrong_answer`: it is larger than `limit`.
[[nodiscard]] Result<std::string> get_text(Store& store, const std::string& name, Bytes limit);

}  // namespace mox::remote
