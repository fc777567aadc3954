#include "medkit/keys.hpp"

#include <sodium/utils.h>

#include <algorithm>
#include <optional>
#include <span>
#include <system_error>

#include "base/file.hpp"
#include "base/text.hpp"
#include "medkit/digest.hpp"
#include "medkit/medkit_files.hpp"

namespace mox::medkit {

namespace {

constexpr std::size_t number_at = 2;  // after "Ed"
constexpr std::size_t key_at = 10;
constexpr std::size_t public_key_size = 42;

std::optional<KeyNumber> number_from_name(const std::string& name) {
    const auto bytes = from_hex<decltype(KeyNumber::bytes)>(name);
    if (!bytes || to_hex(*bytes) != name) return std::nullopt;  // a name in upper case is not accepted
    return KeyNumber{*bytes};
}

std::string listed(const std::vector<KeyNumber>& numbers) {
    return joined(numbers, ", ", [](const KeyNumber& number) { return to_text(number); });
}

/// What a key directory holds.
struct KeyDirectory {
    std::vector<KeyNumber> numbers;     ///< of files that are named by number, which are not read yet
    std::vector<PublicKey> keys;        ///< of files named *.pub
    std::vector<std::string> not_keys;  ///< files named *.pub that hold no key
};

void add_pub_file(const std::filesystem::path& path, KeyDirectory& directory) {
    const auto text = read_small_file(path, ErrorKind::internal);
    const auto key = text ? parse_public_key(*text) : fail(ErrorKind::internal, "");
    if (key)
        directory.keys.push_back(*key);
    else
        directory.not_keys.push_back(printable_name(path.filename().native()));
}

Expected<KeyDirectory> read_key_directory(const std::filesystem::path& directory) {
    KeyDirectory found;
    std::error_code failure;
    for (std::filesystem::directory_iterator entry(directory, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        if (const auto number = number_from_name(entry->path().filename().native()))
            found.numbers.push_back(*number);
        else if (entry->path().extension() == ".pub")
            add_pub_file(entry->path(), found);
    }
    if (failure)
        return fail(ErrorKind::internal,
                    "directory of trusted keys " + directory.native() +
                        " cannot be read, so no signature can be checked: " + failure.message());
    return found;
}

/// Sorted, each once. Errors (`internal`): there is none.
Expected<std::vector<KeyNumber>> numbers_of(const TrustedKeys& trusted, const KeyDirectory& directory) {
    auto numbers = directory.numbers;
    for (const auto& key : directory.keys) numbers.push_back(key.number);
    for (const auto& key : trusted.more) numbers.push_back(key.number);
    if (numbers.empty())
        return fail(ErrorKind::internal, "directory of trusted keys " + trusted.directory.native() +
                                             " holds no key, so no signature can be checked");
    std::ranges::sort(numbers);
    const auto repeated = std::ranges::unique(numbers);
    numbers.erase(repeated.begin(), repeated.end());
    return numbers;
}

Expected<PublicKey> key_in(const std::filesystem::path& directory, const KeyNumber& number) {
    const auto path = directory / to_text(number);
    auto text = TRY(read_small_file(path, ErrorKind::internal), "trusted key");
    auto key = parse_public_key(text);
    if (!key)
        return std::unexpected(
            std::move(key).error().as(ErrorKind::internal).with_context("trusted key " + path.native()));
    if (key->number != number)
        return fail(ErrorKind::internal, "trusted key " + path.native() + " is key " + to_text(key->number) +
                                             " under a wrong name");
    return key;
}

}  // namespace

std::string to_text(const KeyNumber& number) {
    return to_hex(number.bytes);
}

Expected<PublicKey> parse_public_key(std::string_view text) {
    auto bytes = TRY(read_signify_text(text, "public key", public_key_size));
    PublicKey key;
    std::ranges::copy(std::span(bytes).subspan(number_at, key.number.bytes.size()), key.number.bytes.begin());
    std::ranges::copy(std::span(bytes).subspan(key_at), key.key.begin());
    return key;
}

std::string to_text(const PublicKey& key, std::string_view comment) {
    std::vector<std::uint8_t> bytes{'E', 'd'};
    bytes.insert(bytes.end(), key.number.bytes.begin(), key.number.bytes.end());
    bytes.insert(bytes.end(), key.key.begin(), key.key.end());
    return to_signify_text(bytes, comment);
}

KeyWords parse_key_words(std::string_view text) {
    constexpr std::string_view between = " \t\r\n";
    KeyWords words;
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(between), text.size()));
        if (text.empty()) return words;
        const auto word = text.substr(0, text.find_first_of(between));
        text.remove_prefix(word.size());
        auto key = parse_public_key("untrusted comment:\n" + std::string(word));
        if (key)
            words.keys.push_back(*key);
        else
            words.not_keys.emplace_back(word);
    }
}

Expected<std::vector<KeyNumber>> trusted_key_numbers(const TrustedKeys& trusted) {
    const auto directory = TRY(read_key_directory(trusted.directory));
    return numbers_of(trusted, directory);
}

Expected<PublicKey> find_trusted_key(const TrustedKeys& trusted, const KeyNumber& number) {
    const auto directory = TRY(read_key_directory(trusted.directory));
    const auto numbers = TRY(numbers_of(trusted, directory));
    if (!std::ranges::binary_search(numbers, number))
        return fail(
            ErrorKind::medkit,
            "signed with key " + to_text(number) + ", which is not trusted here" +
                (directory.not_keys.empty() ? ""
                                            : " (no public keys: " + joined(directory.not_keys, ", ") + ")"),
            {"take a medkit that is signed with one of the trusted keys: " + listed(numbers)});
    for (const auto& keys : {trusted.more, directory.keys})
        if (const auto given = std::ranges::find(keys, number, &PublicKey::number); given != keys.end())
            return *given;
    return key_in(trusted.directory, number);
}

namespace {

constexpr std::string_view comment_prefix = "untrusted comment:";
constexpr int base64 = sodium_base64_VARIANT_ORIGINAL;

std::string not_a_file_of(std::string_view what) {
    return "is not a " + std::string(what) + " file";
}

}  // namespace

Expected<std::vector<std::uint8_t>> read_signify_text(std::string_view text, std::string_view what,
                                                      std::size_t size) {
    if (text.empty()) return fail(ErrorKind::medkit, "is empty");
    if (!take_line(text).starts_with(comment_prefix))
        return fail(ErrorKind::medkit,
                    not_a_file_of(what) + ": it does not start with \"" + std::string(comment_prefix) + "\"");
    const auto encoded = take_line(text);
    std::vector<std::uint8_t> bytes(size + 1);
    std::size_t length = 0;
    const int decoded = sodium_base642bin(bytes.data(), bytes.size(), encoded.data(), encoded.size(), nullptr,
                                          &length, nullptr, base64);
    if (decoded != 0 || length != size)
        return fail(ErrorKind::medkit, not_a_file_of(what) + ": its second line is not base64 of " +
                                           std::to_string(size) + " bytes, so it may be incomplete");
    bytes.resize(size);
    if (bytes[0] != 'E' || bytes[1] != 'd')
        return fail(ErrorKind::medkit, not_a_file_of(what) + " of a known kind (Ed25519)");
    return bytes;
}

std::string to_signify_text(std::span<const std::uint8_t> bytes, std::string_view comment) {
    std::string encoded(sodium_base64_encoded_len(bytes.size(), base64), '\0');
    sodium_bin2base64(encoded.data(), encoded.size(), bytes.data(), bytes.size(), base64);
    encoded.back() = '\n';  // libsodium ends it with NUL
    return std::string(comment_prefix) + " " + std::string(comment) + "\n" + encoded;
}

}  // namespace mox::medkit
