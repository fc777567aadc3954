#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "remote/store.hpp"

namespace mox::remote {

/// A server in memory that fails where a test wants it.
class MemoryStore final : public Store {
public:
    /// Called before each step of a call that changes something, with its number from 1 on; a failure is what
    /// the call returns. With `put` the step comes in the middle: half of the content is stored.
    std::function<Result<void>(int step)> before_step = [](int) { return Result<void>(); };
    /// The same after a step was done: its answer is lost.
    std::function<Result<void>(int step)> after_step = [](int) { return Result<void>(); };
    /// What becomes of the content that is stored.
    std::function<std::string(std::string)> store_as = [](std::string content) { return content; };
    /// Reads end with a broken connection after so many bytes, if the number is not 0; one after the other.
    std::vector<std::size_t> cuts{};
    std::map<std::string, std::string> files{};
    bool exists = true;
    int steps = 0;

    [[nodiscard]] std::string shown() const override { return "memory://"; }

    [[nodiscard]] Result<std::vector<RemoteFile>> list() override {
        if (!exists) return failed(Cause::missing, Error(ErrorKind::network, "no directory"));
        std::vector<RemoteFile> result;
        result.reserve(files.size());
        for (const auto& [name, content] : files) result.push_back({name, Bytes{content.size()}});
        return result;
    }

    [[nodiscard]] Result<void> make_directory() override {
        exists = true;
        return {};
    }

    [[nodiscard]] Result<void> put(const std::string& name, const ByteSource& source) override {
        std::string content;
        std::vector<char> buffer(7);
        while (true) {
            const auto count = TRY(locally(source(buffer)));
            if (count == 0) break;
            content.append(buffer.data(), count);
        }
        files[name] = content.substr(0, content.size() / 2);
        return step([&] { files[name] = store_as(content); });
    }

    [[nodiscard]] Result<void> get(const std::string& name, Bytes from, const ByteSink& sink) override {
        if (!files.contains(name)) return failed(Cause::missing, Error(ErrorKind::network, name));
        auto rest = files.at(name).substr(from.count);
        if (cuts.empty()) return locally(sink(rest));
        rest = rest.substr(0, cuts.front());
        cuts.erase(cuts.begin());
        TRY(locally(sink(rest)));
        return failed(Cause::unreachable, Error(ErrorKind::network, "the connection broke off"));
    }

    [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override {
        if (!files.contains(from)) return failed(Cause::missing, Error(ErrorKind::network, from));
        if (files.contains(to)) return failed(Cause::exists, Error(ErrorKind::network, to));
        return step([&] {
            files[to] = files.at(from);
            files.erase(from);
        });
    }

    [[nodiscard]] Result<void> remove(const std::string& name) override {
        return step([&] { files.erase(name); });
    }

private:
    Result<void> step(const std::function<void()>& work) {
        ++steps;
        TRY(before_step(steps));
        work();
        return after_step(steps);
    }
};

}  // namespace mox::remote
