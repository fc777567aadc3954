#include "support/boot_loader_model.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace mox::test_support {

namespace {

constexpr std::size_t environment_size = 0x10000;
constexpr std::size_t crc_size = sizeof(std::uint32_t);

/// What 2020.04 and 2021.01 have in C.
constexpr auto built_in_rescue =
    "setenv bootargs console=ttyMV0,115200; sf probe; sf read 0x5000000 0x190000; "
    "lzmadec 0x5000000 0x8000000; bootm 0x8000000";

std::uint32_t crc_of(const std::string& image) {
    const auto* data = reinterpret_cast<const Bytef*>(image.data()) + crc_size;
    return static_cast<std::uint32_t>(crc32(0, data, static_cast<uInt>(image.size() - crc_size)));
}

/// A word of a command: its pieces are text or names of variables.
struct Word {
    struct Piece {
        bool is_variable = false;
        bool quoted = false;
        std::string text{};
    };
    std::vector<Piece> pieces;
    bool is_operator = false;  ///< ";", "&&", "||"
};

/// Hush, as far as bootcmd and its like use it.
class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::vector<Word> words() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == ' ') {
                end_word();
                ++at_;
            } else if (c == ';') {
                end_word();
                words_.push_back(operator_word(text_.substr(at_++, 1)));
            } else if (text_.substr(at_).starts_with("&&") || text_.substr(at_).starts_with("||")) {
                end_word();
                words_.push_back(operator_word(text_.substr(at_, 2)));
                at_ += 2;
            } else {
                take_piece(c);
            }
        }
        end_word();
        return std::move(words_);
    }

private:
    static Word operator_word(std::string_view text) {
        return {.pieces = {{.text = std::string(text)}}, .is_operator = true};
    }
    void end_word() {
        if (!word_.pieces.empty()) words_.push_back(std::move(word_));
        word_ = {};
    }
    void add(char c, bool quoted) { word_.pieces.push_back({.quoted = quoted, .text = std::string(1, c)}); }

    void take_piece(char c) {
        ++at_;
        if (c == '\'') {
            word_.pieces.push_back({.quoted = true, .text = ""});
            for (; at_ < text_.size() && text_[at_] != '\''; ++at_) {
                // Old and new versions of the shell differ here.
                if (text_[at_] == '\\') throw std::logic_error("a backslash within quotes");
                add(text_[at_], true);
            }
            if (at_++ >= text_.size()) throw std::logic_error("a quote that does not end");
        } else if (c == '"') {
            word_.pieces.push_back({.quoted = true, .text = ""});
            while (at_ < text_.size() && text_[at_] != '"') {
                if (text_[at_] == '\\') throw std::logic_error("a backslash within quotes");
                if (text_[at_] == '$')
                    take_variable(true);
                else
                    add(text_[at_++], true);
            }
            if (at_++ >= text_.size()) throw std::logic_error("a quote that does not end");
        } else if (c == '\\') {
            if (at_ < text_.size()) add(text_[at_++], true);
        } else if (c == '$') {
            --at_;
            take_variable(false);
        } else {
            add(c, false);
        }
    }

    void take_variable(bool quoted) {
        ++at_;
        const bool braces = at_ < text_.size() && text_[at_] == '{';
        if (braces) ++at_;
        std::string name;
        while (at_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_'))
            name += text_[at_++];
        if (braces && (at_ >= text_.size() || text_[at_++] != '}')) throw std::logic_error("${ without }");
        word_.pieces.push_back({.is_variable = true, .quoted = quoted, .text = name});
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Word word_;
    std::vector<Word> words_;
};

struct Reset {};

class Running {
public:
    Running(const BootLoader& loader, ModelMox& mox)
        : loader_(loader), mox_(mox), variables_(variables_in(mox.environment).value_or(loader.defaults)) {}

    void boot() {
        look_at_button();
        if (value("bootdelay") == "-1") return;
        run_variable("bootcmd");
    }

private:
    using Words = std::vector<Word>;

    [[nodiscard]] std::string value(const std::string& name) const {
        const auto found = variables_.find(name);
        return found == variables_.end() ? "" : found->second;
    }
    void set_default(const std::string& name) {
        const auto found = loader_.defaults.find(name);
        if (found != loader_.defaults.end()) variables_[name] = found->second;
    }

    void look_at_button() {
        using enum BootLoader::HeldButton;
        if (loader_.held_button == forces_defaults) {
            set_default("bootcmd_rescue");
            if (mox_.button_held) {
                for (const auto* name : {"bootcmd", "bootdelay", "distro_bootcmd"}) set_default(name);
                if (!loader_.defaults.contains("bootdelay")) variables_.erase("bootdelay");
                variables_["boot_targets"] = "rescue";
            } else if (!variables_.contains("boot_targets")) {
                throw std::logic_error(loader_.version + " reads boot_targets, which is not there");
            } else if (value("boot_targets") == "rescue") {
                set_default("boot_targets");
            }
        } else if (mox_.button_held) {
            if (loader_.held_button == runs_rescue_bootcmd)
                run_variable("rescue_bootcmd");
            else
                execute(built_in_rescue);
        }
    }

    int run_variable(const std::string& name) {
        if (!variables_.contains(name)) return 1;
        if (++depth_ > 20) throw std::logic_error("variables that run each other for ever");
        const int status = execute(value(name));
        --depth_;
        return status;
    }

    int execute(const std::string& text) {
        const auto words = Lexer(text).words();
        return execute(words.begin(), words.end());
    }

    int execute(Words::const_iterator at, Words::const_iterator end) {
        int status = 0;
        bool skip = false;
        while (at != end) {
            const auto next = std::find_if(at, end, [](const Word& word) { return word.is_operator; });
            if (at != next && plain(*at) == "for") {
                const auto done = std::find_if(at, end, [](const Word& w) { return plain(w) == "done"; });
                if (!skip) status = loop(at, next, done);
                at = std::next(done);
            } else {
                if (at != next && !skip) status = command(expanded(at, next));
                at = next;
            }
            if (at == end) break;
            const auto connector = plain(*at++);
            skip = (connector == "&&" && (skip || status != 0)) || (connector == "||" && status == 0);
        }
        return status;
    }

    /// for NAME in WORDS; do COMMANDS; done
    int loop(Words::const_iterator at, Words::const_iterator semicolon, Words::const_iterator done) {
        const auto name = plain(*std::next(at));
        int status = 0;
        for (const auto& word : expanded(std::next(at, 3), semicolon)) {
            variables_[name] = word;
            status = execute(std::next(semicolon, 2), done);
        }
        variables_.erase(name);
        return status;
    }

    static std::string plain(const Word& word) {
        std::string text;
        for (const auto& piece : word.pieces) text += piece.is_variable ? "$" : piece.text;
        return text;
    }

    std::vector<std::string> expanded(Words::const_iterator at, Words::const_iterator end) const {
        std::vector<std::string> texts;
        for (; at != end; ++at) {
            std::string text;
            bool any = false;
            for (const auto& piece : at->pieces) {
                const auto content = piece.is_variable ? value(piece.text) : piece.text;
                any = any || piece.quoted || !content.empty();
                for (const char c : content) {
                    if (c == ' ' && piece.is_variable && !piece.quoted)
                        texts.push_back(std::exchange(text, ""));
                    else
                        text += c;
                }
            }
            if (any) texts.push_back(text);
        }
        return texts;
    }

    int command(const std::vector<std::string>& words) {
        if (words.empty()) return 0;
        const auto& name = words.front();
        if (words.size() > 32) throw std::logic_error("more words than a boot loader takes");
        if (name == "run") return run_variable(words.at(1));
        if (name == "setenv") return set_variable(words);
        if (name == "env") return set_defaults(words);
        if (name == "saveenv") return save();
        if (name == "reset") throw Reset{};
        if (name == "sf") return use_flash(words);
        if (name == "lzmadec") return unpack(words);
        if (name == "bootm") return start_image(words);
        if (name == "boot_card") return mox_.card_boots ? throw Started::card : 1;
        if (name == "echo") return 0;
        throw std::logic_error("unknown command " + name);
    }

    int set_variable(const std::vector<std::string>& words) {
        std::string text;
        for (std::size_t i = 2; i < words.size(); ++i) text += (i > 2 ? " " : "") + words[i];
        if (text.empty())
            variables_.erase(words.at(1));
        else
            variables_[words.at(1)] = text;
        return 0;
    }
    int set_defaults(const std::vector<std::string>& words) {
        if (words != std::vector<std::string>{"env", "default", "-f", "-a"})
            throw std::logic_error("env with other words");
        variables_ = loader_.defaults;
        return 0;
    }
    int save() {
        const auto after = environment_image(variables_);
        if (mox_.power_goes_after) {
            const auto states = states_between(mox_.environment, after);
            mox_.environment = states.at(*mox_.power_goes_after);
            mox_.power_goes_after.reset();
            throw Started::lost_power;
        }
        mox_.environment = after;
        return 0;
    }
    int use_flash(const std::vector<std::string>& words) {
        if (words.at(1) == "probe") {
            probed_ = true;
            return 0;
        }
        if (!probed_) return 1;
        if (words.at(1) != "read" || words.at(3) != "0x190000") throw std::logic_error("sf with other words");
        read_to_ = words.at(2);
        return 0;
    }
    int unpack(const std::vector<std::string>& words) {
        if (!mox_.rescue_image || words.at(1) != read_to_) return 1;
        unpacked_to_ = words.at(2);
        return 0;
    }
    int start_image(const std::vector<std::string>& words) const {
        if (words.at(1) != unpacked_to_) return 1;
        const auto arguments = value("bootargs");
        if (!arguments.contains("console=ttyMV0,115200")) throw std::logic_error("no console: " + arguments);
        throw Started::rescue;
    }

    const BootLoader& loader_;
    ModelMox& mox_;
    boot::Variables variables_;
    int depth_ = 0;
    bool probed_ = false;
    std::string read_to_;
    std::string unpacked_to_;
};

BootLoader loader(const std::string& version, const std::string& place, BootLoader::HeldButton button) {
    const auto rescue =
        "setenv bootargs \"console=ttyMV0,115200 earlycon=ar3700_uart,0xd0012000\" && sf probe && "
        "sf read 0x5000000 0x190000 && lzmadec 0x5000000 " +
        place + " && bootm " + place;
    BootLoader loader{.version = version, .unpacks_to = place, .held_button = button, .defaults = {}};
    loader.defaults = {{"bootcmd", "run distro_bootcmd"},
                       {"boot_targets", "mmc0 nvme0 scsi0 usb0 pxe dhcp"},
                       {"distro_bootcmd", "for target in ${boot_targets}; do run bootcmd_${target}; done"},
                       {"bootcmd_mmc0", "boot_card"}};
    if (button == BootLoader::HeldButton::runs_rescue_bootcmd) loader.defaults["rescue_bootcmd"] = rescue;
    if (button == BootLoader::HeldButton::forces_defaults) loader.defaults["bootcmd_rescue"] = rescue;
    return loader;
}

}  // namespace

std::vector<BootLoader> boot_loaders_of_the_field() {
    using enum BootLoader::HeldButton;
    return {
        loader("2018.11", "0x8000000", runs_rescue_bootcmd), loader("2020.04", "0x8000000", is_built_in),
        loader("2021.01-mox", "0x8000000", is_built_in),     loader("2021.07", "0x5800000", forces_defaults),
        loader("2022.07", "0x5800000", forces_defaults),     loader("2023.01", "0x5800000", forces_defaults)};
}

std::string name_of(Started started) {
    constexpr std::array names{"the card", "rescue", "nothing", "no power", "resets for ever"};
    return names.at(static_cast<std::size_t>(started));
}

Started power_on(const BootLoader& loader, ModelMox& mox) {
    for (int resets = 0; resets < 5; ++resets) {
        try {
            Running(loader, mox).boot();
            return Started::nothing;
        } catch (const Started started) {
            return started;
        } catch (const Reset&) {
        }
    }
    return Started::resets_for_ever;
}

std::string environment_image(const boot::Variables& variables) {
    std::string image(crc_size, '\0');
    for (const auto& [name, value] : variables) image.append(name).append("=").append(value).push_back('\0');
    image.resize(environment_size, '\0');
    const auto crc = crc_of(image);
    std::memcpy(image.data(), &crc, crc_size);
    return image;
}

std::optional<boot::Variables> variables_in(const std::string& environment) {
    std::uint32_t crc = 0;
    std::memcpy(&crc, environment.data(), crc_size);
    if (environment.size() != environment_size || crc != crc_of(environment)) return std::nullopt;
    boot::Variables variables;
    for (std::size_t at = crc_size; environment.at(at) != '\0';) {
        const std::string entry = environment.c_str() + at;
        const auto equals = entry.find('=');
        variables[entry.substr(0, equals)] = entry.substr(equals + 1);
        at += entry.size() + 1;
    }
    return variables;
}

std::vector<std::string> states_between(const std::string& before, const std::string& after) {
    std::vector<std::string> states{before};
    auto half_erased = before;
    for (std::size_t i = 0; i < half_erased.size(); ++i)
        if (i % 3 != 0) half_erased[i] = '\xff';
    states.push_back(half_erased);
    const std::string erased(before.size(), '\xff');
    states.push_back(erased);
    const auto used = std::min(after.find_last_not_of('\0') + 2, after.size());
    for (const std::size_t written :
         {std::size_t{1}, crc_size, crc_size + 5, used / 2, used, after.size() - 1})
        states.push_back(after.substr(0, written) + erased.substr(written));
    states.push_back(after);
    return states;
}

}  // namespace mox::test_support
