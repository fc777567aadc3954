#include "panel/server/contents.hpp"

#include <array>
#include <utility>

namespace mox::virtual_mox::panel {

namespace {

using disk_images::StickFilesystem;

constexpr std::array card_words{std::pair{std::string_view("demo"), CardContent::demo},
                                std::pair{std::string_view("broken"), CardContent::broken},
                                std::pair{std::string_view("old"), CardContent::old},
                                std::pair{std::string_view("empty"), CardContent::empty}};

constexpr std::array stick_words{std::pair{std::string_view("good"), StickContent::good},
                                 std::pair{std::string_view("unsigned"), StickContent::unsigned_medkit},
                                 std::pair{std::string_view("corrupt"), StickContent::corrupt},
                                 std::pair{std::string_view("stranger"), StickContent::stranger},
                                 std::pair{std::string_view("files"), StickContent::files}};

constexpr std::array filesystem_words{std::pair{std::string_view("fat32"), StickFilesystem::fat32},
                                      std::pair{std::string_view("ext4"), StickFilesystem::ext4},
                                      std::pair{std::string_view("btrfs"), StickFilesystem::btrfs},
                                      std::pair{std::string_view("exfat"), StickFilesystem::exfat}};

template <typename Value, std::size_t Count>
std::optional<Value> named(const std::array<std::pair<std::string_view, Value>, Count>& words,
                           std::string_view word) {
    for (const auto& [name, value] : words)
        if (name == word) return value;
    return std::nullopt;
}

}  // namespace

std::optional<CardContent> card_content_named(std::string_view word) {
    return named(card_words, word);
}

std::optional<StickContent> stick_content_named(std::string_view word) {
    return named(stick_words, word);
}

std::optional<StickFilesystem> filesystem_named(std::string_view word) {
    return named(filesystem_words, word);
}

std::string_view word_for(StickFilesystem filesystem) {
    for (const auto& [name, value] : filesystem_words)
        if (value == filesystem) return name;
    return "";
}

std::string_view description_of(CardContent content) {
    switch (content) {
        case CardContent::demo:
            return "demo system";
        case CardContent::broken:
            return "broken system";
        case CardContent::old:
            return "old system";
        case CardContent::empty:
            return "empty";
    }
    return "";
}

std::string_view description_of(StickContent content) {
    switch (content) {
        case StickContent::good:
            return "good medkit";
        case StickContent::unsigned_medkit:
            return "unsigned medkit";
        case StickContent::corrupt:
            return "corrupt medkit";
        case StickContent::stranger:
            return "medkit signed by a stranger";
        case StickContent::files:
            return "your files";
    }
    return "";
}

}  // namespace mox::virtual_mox::panel
