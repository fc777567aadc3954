#include "remote/sftp_store.hpp"

#include <fcntl.h>
#include <libssh/sftp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <string_view>
#include <utility>

#include "base/interruption.hpp"
#include "base/text.hpp"
#include "remote/ssh_connection.hpp"

namespace mox::remote {

namespace {

/// What every server takes in one packet (draft-ietf-secsh-filexfer-02, 3).
constexpr std::size_t bytes_in_packet = 32 << 10;
/// Reads that are asked for before the first one is answered, so that a distant server is not waited for each
/// time.
constexpr std::size_t reads_ahead = 32;
constexpr mode_t owner_only = 0600;
constexpr mode_t directory_of_owner = 0700;

struct FileCloser {
    void operator()(sftp_file file) const { sftp_close(file); }
};
using File = std::unique_ptr<sftp_file_struct, FileCloser>;

struct DirectoryCloser {
    void operator()(sftp_dir directory) const { sftp_closedir(directory); }
};
using Directory = std::unique_ptr<sftp_dir_struct, DirectoryCloser>;

struct AttributesCloser {
    void operator()(sftp_attributes attributes) const { sftp_attributes_free(attributes); }
};
using Attributes = std::unique_ptr<sftp_attributes_struct, AttributesCloser>;

}  // namespace

class SftpStore::Connection {
public:
    explicit Connection(std::unique_ptr<SshConnection> ssh) : ssh_(std::move(ssh)) {}
    [[nodiscard]] sftp_session sftp() const { return ssh_->sftp(); }
    [[nodiscard]] bool is_alive() const { return ssh_->is_alive(); }
    [[nodiscard]] std::unexpected<Failure> failed(const std::string& what) {
        auto failure = ssh_->failure(what);
        is_broken_ = is_broken_ || failure.cause == Cause::unreachable;
        return std::unexpected(std::move(failure));
    }
    [[nodiscard]] bool is_usable() const { return !is_broken_ && ssh_->is_alive(); }
    void give_up() { is_broken_ = true; }

private:
    std::unique_ptr<SshConnection> ssh_;
    bool is_broken_ = false;
};

SftpStore::SftpStore(Address address, SshAccess access)
    : address_(std::move(address)), access_(std::move(access)) {}
SftpStore::~SftpStore() = default;

Result<SftpStore::Connection*> SftpStore::connected() {
    TRY(locally(fail_if_stopped()));
    if (connection_ && connection_->is_usable()) return connection_.get();
    connection_.reset();
    auto ssh = TRY(SshConnection::make(address_, access_));
    connection_ = std::make_unique<Connection>(std::move(ssh));
    return connection_.get();
}

std::string SftpStore::path_of(const std::string& name) const {
    return address_.path + (address_.path.ends_with('/') ? "" : "/") + name;
}

Result<std::vector<RemoteFile>> SftpStore::list() {
    auto* const connection = TRY(connected());
    const Directory directory(sftp_opendir(connection->sftp(), address_.path.c_str()));
    if (!directory) return connection->failed(address_.shown);
    std::vector<RemoteFile> files;
    while (const Attributes entry{sftp_readdir(connection->sftp(), directory.get())}) {
        TRY(locally(fail_if_stopped()));
        const std::string_view name(entry->name == nullptr ? "" : entry->name);
        if (entry->type != SSH_FILEXFER_TYPE_REGULAR || !is_plain_name(name)) continue;
        if (files.size() == most_files)
            return remote::failed(Cause::wrong_answer,
                                  Error(ErrorKind::network, address_.shown + " holds too many files"));
        const bool has_size = (entry->flags & SSH_FILEXFER_ATTR_SIZE) != 0;
        files.push_back({std::string(name), has_size ? std::optional(Bytes{entry->size}) : std::nullopt});
    }
    if (sftp_dir_eof(directory.get()) == 0) return connection->failed(address_.shown);
    return files;
}

Result<void> SftpStore::make_directory() {
    auto* const connection = TRY(connected());
    std::string path;
    std::string_view rest = address_.path;
    while (!rest.empty()) {
        path += std::string(take_until(rest, '/'));
        const bool is_root = path.empty();
        if (!is_root) {
            const Attributes there(sftp_stat(connection->sftp(), path.c_str()));
            if (!there && sftp_mkdir(connection->sftp(), path.c_str(), directory_of_owner) != SSH_OK) {
                // Another program may have made it meanwhile.
                auto failure = connection->failed(address_.shown);
                const Attributes now(sftp_stat(connection->sftp(), path.c_str()));
                if (!now) return failure;
            }
        }
        path += "/";
    }
    return {};
}

Result<void> SftpStore::put(const std::string& name, const ByteSource& source) {
    auto* const connection = TRY(connected());
    const auto what = address_.shown + "/" + name;
    File file(sftp_open(connection->sftp(), path_of(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, owner_only));
    if (!file) return connection->failed(what);
    std::vector<char> buffer(bytes_in_packet);
    while (true) {
        TRY(locally(fail_if_stopped()));
        const auto count = TRY(locally(source(buffer)));
        if (count == 0) break;
        const auto written = sftp_write(file.get(), buffer.data(), count);
        if (written < 0 || static_cast<std::size_t>(written) != count) return connection->failed(what);
    }
    // Not every server knows fsync@openssh.com; the size and the sum are checked afterwards anyway.
    static_cast<void>(sftp_fsync(file.get()));
    if (sftp_close(file.release()) != SSH_NO_ERROR) return connection->failed(what);
    return {};
}

Result<void> SftpStore::get(const std::string& name, Bytes from, const ByteSink& sink) {
    auto* const connection = TRY(connected());
    const auto what = address_.shown + "/" + name;
    const File file(sftp_open(connection->sftp(), path_of(name).c_str(), O_RDONLY, 0));
    if (!file) return connection->failed(what);
    if (sftp_seek64(file.get(), from.count) < 0) return connection->failed(what);
    std::vector<char> buffer(bytes_in_packet);
    std::deque<std::uint32_t> asked;
    std::uint64_t received = 0;
    const auto end = [&]() -> Result<void> {
        // Answers that are still to come are read, so that the connection can be used again.
        for (; !asked.empty(); asked.pop_front())
            if (sftp_async_read(file.get(), buffer.data(), bytes_in_packet, asked.front()) < 0)
                connection->give_up();
        return {};
    };
    while (true) {
        TRY(locally(fail_if_stopped()));
        while (asked.size() < reads_ahead) {
            const int id = sftp_async_read_begin(file.get(), bytes_in_packet);
            if (id < 0) return connection->failed(what);
            asked.push_back(static_cast<std::uint32_t>(id));
        }
        const int count = sftp_async_read(file.get(), buffer.data(), bytes_in_packet, asked.front());
        asked.pop_front();
        if (count < 0) return connection->failed(what);
        if (count == 0) return end();
        received += static_cast<std::uint64_t>(count);
        if (auto taken = sink({buffer.data(), static_cast<std::size_t>(count)}); !taken) {
            connection->give_up();
            return locally(std::move(taken));
        }
        if (static_cast<std::size_t>(count) == bytes_in_packet) continue;
        // A short answer: the later requests were for places behind a gap. Usual only at the end of a file.
        TRY(end());
        if (sftp_seek64(file.get(), from.count + received) < 0) return connection->failed(what);
    }
}

Result<void> SftpStore::rename(const std::string& from, const std::string& to) {
    auto* const connection = TRY(connected());
    const auto what = address_.shown + "/" + to;
    // OpenSSH does not replace a file; servers that do are asked before.
    const Attributes there(sftp_stat(connection->sftp(), path_of(to).c_str()));
    if (there)
        return remote::failed(Cause::exists,
                              Error(ErrorKind::network, what + ": a file of that name is there already"));
    if (sftp_rename(connection->sftp(), path_of(from).c_str(), path_of(to).c_str()) != SSH_OK)
        return connection->failed(what);
    return {};
}

Result<void> SftpStore::remove(const std::string& name) {
    auto* const connection = TRY(connected());
    if (sftp_unlink(connection->sftp(), path_of(name).c_str()) == SSH_OK) return {};
    auto failure = connection->failed(address_.shown + "/" + name);
    if (failure.error().cause == Cause::missing) return {};
    return failure;
}

}  // namespace mox::remote
