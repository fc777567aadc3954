#include "remote/store.hpp"

#include <algorithm>

#include "medkit/medkit_files.hpp"

namespace mox::remote {

namespace {

constexpr std::size_t longest_name = 255;

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

}  // namespace

bool is_plain_name(std::string_view name) {
    if (name.empty() || name.size() > longest_name || name == "." || name == "..") return false;
    if (name.find_first_of("/\\") != std::string_view::npos) return false;
    // A name that is shown as it is has neither control characters nor bytes that are not UTF-8.
    return std::ranges::none_of(name, is_control) && medkit::printable_name(name) == name;
}

ByteSource source_of(std::string_view text) {
    return [text, at = std::size_t{0}](std::span<char> buffer) mutable -> Expected<std::size_t> {
        const auto part = text.substr(at, buffer.size());
        std::ranges::copy(part, buffer.begin());
        at += part.size();
        return part.size();
    };
}

Result<std::string> get_text(Store& store, const std::string& name, Bytes limit) {
    std::string text;
    bool is_too_large = false;
    auto got = store.get(name, {}, [&](std::string_view bytes) -> Expected<void> {
        is_too_large = text.size() + bytes.size() > limit.count;
        if (is_too_large) return fail(ErrorKind::network, name + " is too large");
        text += bytes;
        return {};
    });
    if (!got && is_too_large) return failed(Cause::wrong_answer, std::move(got).error().error);
    if (!got) return std::unexpected(std::move(got).error());
    return text;
}

}  // namespace mox::remote
