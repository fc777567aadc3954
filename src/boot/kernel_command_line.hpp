#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mox::boot {

/// One word of the kernel command line: `name` or `name=value`.
struct KernelParameter {
    std::string name;
    std::optional<std::string> value;

    bool operator==(const KernelParameter&) const = default;
};

/// The kernel command line, parsed as the kernel parses it.
class KernelCommandLine {
public:
    KernelCommandLine() = default;

    /// Splits `text` (/proc/cmdline) like next_arg() of the kernel's lib/cmdline.c: words end at white space
    /// outside of double quotes; quotes around a value or around a whole word are removed, other quotes stay;
    /// there is no escaping. A NUL byte ends the text. Words after a word `--` are for init and are ignored.
    /// Any text is accepted.
    explicit KernelCommandLine(std::string_view text);

    /// In the order given.
    [[nodiscard]] const std::vector<KernelParameter>& parameters() const { return parameters_; }

    /// Whether `name` is there, with or without a value. `-` and `_` are the same, as for the kernel.
    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

    /// Value of the last `name=value`: a later word overrides an earlier one. nullopt for a `name` without a
    /// value.
    [[nodiscard]] std::optional<std::string> value(std::string_view name) const;

private:
    [[nodiscard]] const KernelParameter* find(std::string_view name) const;

    std::vector<KernelParameter> parameters_;
};

}  // namespace mox::boot
