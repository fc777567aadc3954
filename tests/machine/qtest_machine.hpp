#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "machine/qtest_message.hpp"
#include "support/temporary_directory.hpp"
#include "virtual_mox/qemu_process.hpp"

namespace mox::machine_test {

/// The base of the Armada 3720's internal registers.
inline constexpr std::uint64_t registers = 0xd000'0000;

/// The machine turris-mox without running processors: a test reads and writes its registers by QEMU's qtest
/// protocol and moves its clock. Functions throw std::runtime_error if QEMU has ended or answers an error;
/// the text has the end of QEMU's log.
class QtestMachine {
public:
    /// `options`: further options of QEMU. The binary is build/board's, or the one that MOX_QEMU names.
    explicit QtestMachine(std::vector<std::string> options = {});

    [[nodiscard]] std::uint8_t read8(std::uint64_t address);
    [[nodiscard]] std::uint16_t read16(std::uint64_t address);
    [[nodiscard]] std::uint32_t read32(std::uint64_t address);
    void write8(std::uint64_t address, std::uint8_t value);
    void write16(std::uint64_t address, std::uint16_t value);
    void write32(std::uint64_t address, std::uint32_t value);
    [[nodiscard]] std::string read_memory(std::uint64_t address, std::size_t size);
    void write_memory(std::uint64_t address, std::string_view bytes);

    /// Moves the machine's clock; timers that end by then have ended when this returns.
    void advance(std::chrono::nanoseconds by);

    /// From now on `level` knows the unnamed inputs or outputs of `device` (a QOM path). One device per
    /// machine.
    void watch_inputs(std::string_view device);
    void watch_outputs(std::string_view device);
    /// Level of a watched line. nullopt: it has not changed since it is watched.
    [[nodiscard]] std::optional<bool> level(int line);

    /// Sets input `line` of `device`; `name` for named ones.
    void set_input(std::string_view device, int line, bool high, std::string_view name = "unnamed-gpio-in");

    /// The serial console.
    void type(std::string_view text);
    /// Waits until `count` bytes were printed; fewer if they do not come within 10 s.
    [[nodiscard]] std::string printed(std::size_t count);
    /// Throws away what was printed so far. The machine waits for a reader that is far behind.
    void discard_printed();

    /// Executes a command, for those that have no function here. Returns what follows "OK".
    std::string command(const std::string& line);

    /// QMP, for what qtest cannot do: `arguments` is a JSON object. Returns the line of the answer.
    std::string qmp(std::string_view execute, std::string_view arguments = "{}");

    [[nodiscard]] bool is_running();

private:
    [[nodiscard]] std::uint64_t read(char width, std::uint64_t address);
    void write(char width, std::uint64_t address, std::uint64_t value);
    [[nodiscard]] std::string next_line(const UniqueFd& from, std::string& rest);
    [[noreturn]] void throw_with_log(const std::string& what);

    test_support::TemporaryDirectory directory_;
    boost::asio::io_context io_;
    UniqueFd qtest_;
    UniqueFd console_;
    UniqueFd qmp_;
    std::string unread_qtest_;
    std::string unread_qmp_;
    std::map<int, bool> levels_;
    std::optional<virtual_mox::QemuProcess> qemu_;
};

}  // namespace mox::machine_test
