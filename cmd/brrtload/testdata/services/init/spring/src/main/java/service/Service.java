package service;

import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Spring Boot with the actuator's Prometheus endpoint, as its documentation has it. */
@SpringBootApplication
@RestController
public class Service {
    public static void main(String[] args) {
        SpringApplication.run(Service.class, args);
    }

    @GetMapping("/")
    String front() {
        return "front page";
    }

    @GetMapping("/items")
    List<String> items() {
        return List.of("one", "two");
    }

    @GetMapping("/slow")
    String slow() throws InterruptedException {
        Thread.sleep(30);
        return "slow";
    }
}
