// SPDX-License-Identifier: Apache-2.0
// kernel_bench: messages from one task to another and back. The server is the task that measures;
// the client is `kernel_bench client NAME KIND AMOUNT ROUNDS`. Both say what they saw: the server
// how long questions took, the client answers and whole rounds. The server sends back what it was
// sent, in kind.
#include "user/lib/console.hpp"
#include "user/lib/port.hpp"
#include "user/lib/words.hpp"
#include "user/programs/kernel_bench_parts.hpp"

namespace user {

namespace {

constexpr uint64_t short_rounds = 4000;
constexpr uint64_t first_rounds = 20;  // meet cold memory, and do not count
constexpr uint64_t memory_size = 1 << 20;
constexpr uint64_t name_length = 32;

alignas(64) char out_bytes[abi::message_bytes];
alignas(64) char in_bytes[abi::message_bytes];
Samples forth;
Samples back;
Samples whole;

struct Kind {
    std::string_view name;       // of the figure
    std::string_view arguments;  // of the client
    uint64_t rounds;
    bool is_short;
};

constexpr Kind long_kinds[] = {
    {"bytes_4k", "bytes 4096 500", 500, false},  {"bytes_8k", "bytes 8192 500", 500, false},
    {"rights_1", "rights 1 500", 500, false},    {"rights_4", "rights 4 500", 500, false},
    {"rights_16", "rights 16 500", 500, false},  {"memory_moved", "move 1 100", 100, false},
    {"memory_copied", "copy 1 100", 100, false},
};

system::Transfers empty_transfers() {
    system::Transfers transfers;
    transfers.sent.data = system::address_of(out_bytes);
    transfers.received.data = system::address_of(in_bytes);
    transfers.received.size = abi::message_bytes;
    transfers.received.right_count = abi::message_rights;
    return transfers;
}

// Words alone go without transfers, by the short way of the kernel.
Status answer(uint32_t port, system::Message& message, bool is_short) {
    if (is_short) {
        message.words[0] = counter();
        return system::reply_and_receive(port, message);
    }
    static system::Transfers transfers;
    const abi::MessageTransfer got = transfers.received;
    transfers = empty_transfers();
    transfers.sent.size = abi::info_size(message.info);
    transfers.sent.right_count = abi::info_rights(message.info);
    for (uint32_t i = 0; i < transfers.sent.right_count; ++i) {
        transfers.sent.rights[i] = got.rights[i];
    }
    message.words[0] = counter();
    return system::reply_and_receive(port, message, abi::wait_forever, &transfers);
}

Status serve(uint32_t port, const Kind& kind) {
    system::Message message;
    Status status = system::receive_message(port, message);  // says that the client is there
    for (uint64_t i = 0; i < first_rounds + kind.rounds && status == Status::Ok; ++i) {
        status = answer(port, message, kind.is_short);
        const uint64_t now = counter();
        if (i >= first_rounds) forth.add(now - message.words[0]);
    }
    if (status != Status::Ok) return status;
    return system::reply_message(message);  // what came with the last one stays here
}

// "client NAME ARGUMENTS"
class ClientArguments final {
  public:
    ClientArguments(std::string_view name, std::string_view arguments) {
        for (const std::string_view part : {std::string_view("client"), name, arguments}) {
            for (const char character : part) text_[length_++] = character;
            text_[length_++] = ' ';
        }
    }
    operator std::string_view() const { return {text_, length_}; }

  private:
    char text_[3 * name_length] = {};
    size_t length_ = 0;
};

bool measure_kind(const Kind& kind, uint64_t client_mask) {
    const auto port = system::create_port();
    if (!port) return false;
    const auto to_send = system::copy_send_right(*port);
    if (!to_send) return false;
    const uint32_t passed[] = {*to_send};
    const auto client = system::spawn_task(
        "bin/kernel_bench", ClientArguments(kind.name, kind.arguments), client_mask, passed);
    if (!client) return false;
    const Status status = serve(*port, kind);
    (void)system::close_right(*to_send);
    (void)system::close_right(*port);
    const auto end = system::wait_task(*client);
    if (status != Status::Ok || !end || end->exit_code != 0) return false;
    forth.report(kind.name, "_call");
    return true;
}

// What a client sends: rights and memory come back with each answer.
class Baggage final {
  public:
    // False when it cannot be had.
    bool make(std::string_view kind, uint64_t amount) {
        kind_ = kind;
        if (kind == "bytes") size_ = static_cast<uint32_t>(amount);
        if (kind == "rights") return make_rights(static_cast<uint32_t>(amount));
        if (kind == "move" || kind == "copy") return make_memory();
        return kind == "words" || kind == "bytes";
    }

    system::Transfers* prepare() {
        if (kind_ == "words") return nullptr;
        transfers_ = empty_transfers();
        transfers_.sent.size = size_;
        transfers_.sent.right_count = count_;
        for (uint32_t i = 0; i < count_; ++i) transfers_.sent.rights[i] = rights_[i];
        if (kind_ == "copy") transfers_.sent.disposals[0] = abi::RightDisposal::CopyOnWrite;
        return &transfers_;
    }

    // Whether as much came back as was sent.
    bool take_back(const system::Message& message) {
        if (kind_ == "words") return message.info == 0;
        const abi::MessageTransfer& got = transfers_.received;
        if (abi::info_size(message.info) != size_ || abi::info_rights(message.info) != count_) {
            return false;
        }
        if (kind_ == "copy") return system::close_right(got.rights[0]) == Status::Ok;
        for (uint32_t i = 0; i < count_; ++i) rights_[i] = got.rights[i];
        return true;
    }

  private:
    bool make_rights(uint32_t count) {
        const auto port = system::create_port();
        if (!port) return false;
        for (count_ = 0; count_ < count; ++count_) {
            const auto right = system::copy_send_right(*port);
            if (!right) return false;
            rights_[count_] = *right;
        }
        return true;
    }

    // Every page of it is there.
    bool make_memory() {
        const auto object = system::create_object(memory_size);
        if (!object) return false;
        const auto address = system::map_object(*object, read_write);
        if (!address) return false;
        for (uint64_t at = 0; at < memory_size; at += abi::page_size) {
            *reinterpret_cast<volatile uint64_t*>(*address + at) = at;
        }
        rights_[0] = *object;
        count_ = 1;
        return true;
    }

    std::string_view kind_;
    uint32_t size_ = 0;
    uint32_t count_ = 0;
    uint32_t rights_[abi::message_rights] = {};
    system::Transfers transfers_;
};

Status ask(uint64_t rounds, Baggage& baggage) {
    constexpr uint32_t server = abi::given_name(0);
    system::Message message;
    Status status = system::call_port(server, message);
    for (uint64_t i = 0; i < first_rounds + rounds && status == Status::Ok; ++i) {
        system::Transfers* const transfers = baggage.prepare();
        const uint64_t begin = counter();
        message.words[0] = begin;
        status = system::call_port(server, message, abi::wait_forever, transfers);
        const uint64_t end = counter();
        // The last one is answered without anything beside.
        if (status != Status::Ok || i + 1 == first_rounds + rounds) break;
        if (i >= first_rounds) {
            back.add(end - message.words[0]);
            whole.add(end - begin);
        }
        if (!baggage.take_back(message)) return Status::InvalidArgument;
    }
    return status;
}

}  // namespace

bool measure_short_messages(std::string_view prefix, uint64_t client_mask) {
    return measure_kind({prefix, "words 0 4000", short_rounds, true}, client_mask);
}

bool measure_messages(uint64_t own_mask, uint64_t other_mask) {
    if (!measure_short_messages("message", own_mask)) return false;
    if (!measure_short_messages("far", other_mask)) return false;
    for (const Kind& kind : long_kinds) {
        if (!measure_kind(kind, own_mask)) return false;
    }
    return true;
}

int be_message_client(std::string_view arguments) {
    const std::string_view name = take_word(arguments);
    const std::string_view kind = take_word(arguments);
    const auto amount = parse_number(take_word(arguments));
    const auto rounds = parse_number(take_word(arguments));
    static Baggage baggage;
    if (!amount || !rounds || !baggage.make(kind, *amount)) return 1;
    if (ask(*rounds, baggage) != Status::Ok) return 2;
    back.report(name, "_reply");
    whole.report(name, "_round");
    return 0;
}

}  // namespace user
