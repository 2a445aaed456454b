//! Schedules: the factors of a reference, tick by tick.

use crate::common::{assert_close, fixture, numbers};
use nn::schedule::{
    self, Constant, Cosine, CosineRestarts, Exponential, MultiStep, OneCycle, Plateau, Polynomial, Schedule,
    StepDecay, WarmUp,
};

/// The schedules of the file, by name there.
fn ours(name: &str) -> Box<dyn Schedule> {
    match name {
        "constant" => Box::new(Constant::new(0.3).then_at(5, Constant::new(1.0))),
        "step" => Box::new(StepDecay::new(7, 0.3)),
        "multi_step" => Box::new(MultiStep::new([5, 20, 21, 50], 0.3)),
        "exponential" => Box::new(Exponential::new(0.93)),
        "linear" => Box::new(Polynomial::linear(37).floor(0.2)),
        "polynomial" => Box::new(Polynomial::new(41, 2.5)),
        "cosine" => Box::new(Cosine::new(59).floor(0.05)),
        "restarts" => Box::new(CosineRestarts::new(7).floor(0.05)),
        "restarts_growing" => Box::new(CosineRestarts::new(4).growth(3).floor(0.01)),
        "one_cycle" => Box::new(OneCycle::new(60)),
        "one_cycle_linear" => {
            Box::new(OneCycle::new(60).linear(true).start_share(0.41).start_div(10.0).final_div(50.0))
        }
        "one_cycle_three" => Box::new(OneCycle::new(60).three_phases(true).start_share(0.35)),
        "warm_up" => Box::new(WarmUp::new(13).from(0.1)),
        "warm_up_then_cosine" => Box::new(WarmUp::new(10).then(Cosine::new(50))),
        "three_in_a_row" => {
            let first = WarmUp::new(10).from(0.1).then(StepDecay::new(5, 0.5));
            Box::new(first.then_at(35, Exponential::new(0.9)))
        }
        "product" => Box::new(WarmUp::new(20).from(0.1).times(Exponential::new(0.95))),
        "plateau" => Box::new(Plateau::new(2, 0.5)),
        "plateau_cooldown" => Box::new(Plateau::new(1, 0.5).cooldown(3).floor(0.01)),
        "plateau_absolute" => Box::new(Plateau::new(2, 0.3).threshold(0.15).absolute(true)),
        "plateau_max" => Box::new(Plateau::new(2, 0.5).maximise(true).threshold(0.01)),
        "plateau_max_absolute" => {
            Box::new(Plateau::new(0, 0.9).maximise(true).threshold(0.01).absolute(true))
        }
        other => panic!("a schedule without a test: {other}"),
    }
}

#[test]
fn factors_of_torch() {
    let torch = fixture("schedules.json");
    let metrics = numbers(&torch["metrics"]);
    let schedules = torch["schedules"].as_object().unwrap();
    assert_eq!(schedules.len(), 21);
    for (name, wanted) in schedules {
        let (mut schedule, wanted) = (ours(name), numbers(wanted));
        assert!(wanted.len() >= 50 && wanted.iter().any(|w| *w != wanted[0]), "{name}");
        let more_is_better = name.contains("max");
        let mut got = Vec::new();
        for (tick, &metric) in metrics.iter().enumerate().take(wanted.len()) {
            got.push(schedule.factor(tick as u64));
            // Halfway, another takes over from the state.
            if tick == 30 {
                let mut again = ours(name);
                again.restore(&schedule.state()).unwrap();
                schedule = again;
            }
            schedule.observe(tick as u64, if more_is_better { 1.0 / metric } else { metric });
        }
        assert_close(name, &got, &wanted, 1e-12, 1e-3);
        // Those that end stay as they are.
        if let Some(end) = schedule.length() {
            let last = schedule.factor(end);
            assert!(
                [1, 2, 100, u64::MAX / 2].iter().all(|more| schedule.factor(end + more) == last),
                "{name}"
            );
        }
    }
}

#[test]
fn schedules_in_words() {
    let names = [
        ("constant:0.3", "Constant { factor: 0.3 }"),
        ("step:7,0.3", "StepDecay { every: 7, gamma: 0.3 }"),
        ("multistep:5,20,0.3", "MultiStep { milestones: [5, 20], gamma: 0.3 }"),
        ("exponential:0.93", "Exponential { gamma: 0.93 }"),
        ("linear:37,0.2", "Polynomial { ticks: 37, power: 1.0, floor: 0.2 }"),
        ("polynomial:41,2.5", "Polynomial { ticks: 41, power: 2.5, floor: 0.0 }"),
        ("cosine:59", "Cosine { ticks: 59, floor: 0.0 }"),
        ("restarts:4", "CosineRestarts { ticks: 4, growth: 1, floor: 0.0 }"),
        ("restarts:4,3,0.01", "CosineRestarts { ticks: 4, growth: 3, floor: 0.01 }"),
        ("warmup:3", "WarmUp { ticks: 3, start: 0.25 }"),
        ("warmup:13,0.1", "WarmUp { ticks: 13, start: 0.1 }"),
    ];
    for (text, wanted) in names {
        assert_eq!(format!("{:?}", schedule::parse(text).unwrap()), wanted, "{text}");
    }
    let same = |text: &str, other: Box<dyn Schedule>| {
        let (schedule, text) = (schedule::parse(text).unwrap(), text.to_owned());
        assert_eq!(schedule.length(), other.length(), "{text}");
        assert!((0..99).all(|tick| schedule.factor(tick) == other.factor(tick)), "{text}");
        assert_eq!(schedule.state(), other.state(), "{text}");
    };
    same("onecycle:60", Box::new(OneCycle::new(60)));
    same("plateau:2,0.5,0.1", Box::new(Plateau::new(2, 0.5).floor(0.1)));
    same(" warmup : 10 + cosine: 50 ", Box::new(WarmUp::new(10).then(Cosine::new(50))));
    same(
        "warmup:10+cosine:50*exponential:0.9",
        Box::new(WarmUp::new(10).then(Cosine::new(50).times(Exponential::new(0.9)))),
    );
    same("cosine:5+cosine:6+cosine:7", Box::new(Cosine::new(5).then(Cosine::new(6)).then(Cosine::new(7))));
}

#[test]
fn what_is_no_schedule_is_said_to_be_none() {
    let cases = [
        ("step:30", "\"step:30\": a setting is missing, it is written step:TICKS,GAMMA"),
        ("cosine", "\"cosine\": a setting is missing, it is written cosine:TICKS[,FLOOR]"),
        ("cosine:1,2,3", "\"cosine:1,2,3\": there are too many settings, it is written cosine:TICKS[,FLOOR]"),
        ("cosine:1.5", "\"cosine:1.5\": \"1.5\" is no whole number from 0"),
        ("step:5,fast", "\"step:5,fast\": \"fast\" is no number"),
        ("step:0,0.1", "\"step:0,0.1\": a number of ticks is from 1, not 0"),
        ("constant:-1", "\"constant:-1\": a factor, floor or power is a number from 0, not -1"),
        ("constant:nan", "\"constant:nan\": a factor, floor or power is a number from 0, not NaN"),
        ("plateau:3,1", "\"plateau:3,1\": a plateau's factor is from 0 to below 1, not 1"),
        (
            "step:3,0.1 + cosine:5",
            "\"step:3,0.1\" goes on forever: nothing comes after it, found \" cosine:5\"",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(schedule::parse(text).unwrap_err().to_string(), format!("schedule: {wanted}"));
    }
    for text in ["", "cosin:5", "cosine:5+", "+cosine:5", "cosine:5**cosine:5"] {
        let error = schedule::parse(text).unwrap_err().to_string();
        assert!(error.contains("is no schedule: there are constant:FACTOR, step:TICKS,GAMMA, "), "{error}");
    }
}

/// What comes later sees nothing of the time before: not a loss that a warm-up has left and that no later one gets below.
#[test]
fn a_plateau_observes_when_its_turn_comes() {
    let mut schedule = WarmUp::new(3).then(Plateau::new(1, 0.5)).then_at(8, Plateau::new(0, 0.1));
    let mut factors = Vec::new();
    for (tick, loss) in (0..).zip([1.0, 1.0, 1.0, 5.0, 4.0, 4.0, 4.0, 4.0, 9.0, 9.0]) {
        factors.push(schedule.factor(tick));
        schedule.observe(tick, loss);
    }
    assert_eq!(factors, [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 0.5, 1.0, 1.0]);
    assert_eq!(schedule.factor(10), 0.1);
}

#[test]
fn a_state_that_does_not_fit_changes_nothing() {
    let mut schedule = Plateau::new(0, 0.5).times(WarmUp::new(5).then(Plateau::new(1, 0.1)));
    (5..).zip([3.0, 4.0, 5.0]).for_each(|(tick, metric)| schedule.observe(tick, metric));
    let before = schedule.state();
    assert_eq!(before, [0.25, 3.0, 0.0, 0.0, 0.1, 3.0, 0.0, 0.0]);
    let error = schedule.restore(&before[1..]).unwrap_err().to_string();
    assert_eq!(error, "schedule: the state of this schedule has 8 numbers, not 7");
    let mut wrong = before.clone();
    (wrong[0], wrong[6]) = (0.125, 0.5);
    let error = schedule.restore(&wrong).unwrap_err().to_string();
    assert_eq!(error, "schedule: a plateau's factor, best and two counts are not [0.1, 3.0, 0.5, 0.0]");
    assert_eq!(schedule.state(), before);
    let error = Cosine::new(5).restore(&[1.0]).unwrap_err().to_string();
    assert_eq!(error, "schedule: the state of this schedule has 0 numbers, not 1");
}

#[test]
#[should_panic(expected = "the schedule goes on forever, nothing comes after it: StepDecay")]
fn nothing_comes_after_forever() {
    let _ = StepDecay::new(3, 0.1).then(Cosine::new(5));
}
