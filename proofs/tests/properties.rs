//! Every property, proven of the profile's policies for all requests.

use std::collections::BTreeSet;

use proofs::{ALWAYS, PROPERTIES, Profile, Property, Prover};

/// One test per property, and a test that none is forgotten.
macro_rules! proven {
    ($forgotten:ident: $all:ident, $holds:ident; $($name:ident)*) => {
        $(#[test] fn $name() { $holds(stringify!($name)); })*

        #[test]
        fn $forgotten() {
            let tested: BTreeSet<&str> = [$(stringify!($name)),*].into();
            let stated: BTreeSet<&str> = $all.iter().map(|property| property.name).collect();
            assert_eq!(tested, stated);
        }
    };
}

proven! {
    no_property_is_forgotten: PROPERTIES, holds;
    no_work_from_a_terminal_not_in_service
    no_work_outside_the_kind_of_card
    no_founding_of_a_founded_city
    no_acting_opened_but_by_the_head_or_for_an_unable_one
    no_acting_without_a_reason
    no_acting_closed_by_bystanders
    no_reminder_but_by_the_head_or_the_secretariat
    no_after_view_but_by_the_head_in_person
    no_enrolment_but_by_the_secretariat
    no_meeting_but_by_the_head
    no_chair_but_the_head
    no_sitting_without_a_quorum
    no_matter_but_from_the_council
    no_deliberation_noted_by_bystanders
    no_importance_but_by_the_chair
    no_important_resolution_without_the_opinion_but_in_an_emergency
    no_opinion_or_report_noted_by_bystanders
    no_emergency_but_by_the_chair
    no_summons_but_by_the_chair
    no_notice_or_minutes_but_by_the_secretariat
    no_directive_but_by_the_head
    no_directive_without_a_resolution_or_a_heard_report
    no_request_without_a_resolution
    no_directive_answered_but_by_its_addressee
    no_request_answered_but_through_the_secretariat
    no_entry_without_a_permit_in_force
    no_guest_let_in_without_the_permit_that_is_wanted
    no_entry_but_by_key_or_fingerprint_where_demanded
    no_entry_by_a_finger_that_is_not_enrolled_where_demanded
    no_entry_with_a_key_that_was_not_lent_where_demanded
    no_entry_without_a_name_tag
    no_entry_beyond_the_headcount
    no_guest_let_in_but_by_somebody_enrolled_of_the_section
    no_passage_written_down_by_bystanders
    no_escort_but_by_somebody_enrolled_of_the_section
    no_escort_without_necessity
    no_escort_in_two_rooms
    no_escort_without_the_guests_permit_where_demanded
    no_escort_of_a_guest_without_a_name_tag
    no_escort_closed_by_bystanders
    no_name_tag_handed_out_by_bystanders
    no_key_lent_to_whoever_may_not_enter
    no_finger_enrolled_of_whoever_may_not_enter
    no_permit_decided_but_by_the_rooms_entry_manager
    no_permit_withdrawn_by_strangers
    no_outsider_listed_by_bystanders
    no_alarm_closed_by_bystanders
    no_key_but_by_the_key_officers_section
    no_key_lent_to_whoever_has_not_proven_who_it_is
    no_lock_kept_but_by_the_lock_officers_section
    no_report_of_a_door_but_by_a_registered_controller
    no_records_imported_by_bystanders
    no_finding_answered_but_by_who_owes_it
    no_finding_settled_by_who_answered_it
    no_finding_settled_but_by_the_head_or_who_keeps_a_ledger_of_it
    no_reconciliation_but_by_who_keeps_a_ledger
    no_report_on_a_room_but_by_its_entry_manager
    no_report_on_a_room_heard_but_by_the_head
    no_work_without_an_open_session
    no_work_where_something_else_than_a_card_is_wanted
    no_work_without_a_card
    no_work_without_a_password_where_demanded
    no_terminal_kept_but_by_the_access_manager
    no_card_issued_but_by_the_access_manager
    no_card_prepared_but_by_the_access_managers_section
    no_card_stopped_by_strangers
    no_work_while_locked_out
    no_password_set_but_by_its_owner_or_handed_over_by_the_access_manager
    no_work_with_a_password_that_another_knows
    no_designation_proposed_but_by_the_sections_officer
    no_designation_agreed_but_by_the_access_manager
    no_designation_ended_by_strangers
    no_work_without_a_designation
    no_card_without_a_designation
    no_card_issued_by_whoever_prepared_it
    no_card_inspected_by_its_holder_or_by_bystanders
    no_spare_card_handed_over_by_bystanders
    no_spare_card_confirmed_by_its_borrower
    no_spare_card_counted_by_bystanders
    no_work_with_a_spare_card_that_is_not_lent
    no_work_with_a_card_not_in_the_ledger
    no_work_with_a_card_not_in_use
    no_rule_for_cards_but_by_the_access_manager
    no_work_with_the_card_of_another
    no_work_before_the_rules_in_force_are_read
    no_card_at_two_terminals_explained_by_its_holder_or_bystanders
    no_rule_acknowledged_but_by_operators
    no_history_of_others_without_a_post
    no_history_of_others_without_a_purpose
    no_residents_entered_but_by_the_officer_of_shimin
    no_operation_without_being_a_handler
    no_history_of_others_without_being_a_handler
    no_handler_designated_but_by_the_sections_officer
    no_rule_for_forms_but_by_security_officers
    no_rule_for_forms_without_everybodys_agreement
    no_rule_for_assets_but_by_the_asset_manager
    no_operation_plan_but_by_the_asset_manager
    no_operation_plan_agreed_but_by_security_officers
    no_operation_plan_without_everybodys_agreement
    no_run_ticked_but_by_the_section_that_operates
    no_rule_for_audits_but_by_the_head
    no_entry_in_a_lockdown
    no_escort_or_key_for_an_entry_in_a_lockdown
    no_lockdown_but_by_the_head_or_the_system_manager
    no_emergency_plan_but_by_the_head
    no_rule_drafted_by_bystanders
    no_rule_of_no_other_place_but_by_the_head
}

proven! {
    nothing_that_is_never_refused_is_forgotten: ALWAYS, is_never_refused;
    leaving_is_never_refused
    anybody_may_apply_for_a_permit
    anybody_may_report_a_card_lost_or_found
    anybody_may_end_a_stay_at_a_terminal
}

/// The solver, or a failure that names the package to install.
fn start(profile: &Profile) -> Prover {
    Prover::start(profile.schema()).map_err(|error| error.to_string()).expect("a solver")
}

#[track_caller]
fn holds(name: &str) {
    let property = PROPERTIES.iter().find(|property| property.name == name).expect("a stated property");
    let profile = Profile::load();
    let mut prover = start(&profile);
    let environments = profile.environments();
    for action in property.actions {
        for environment in environments.get(*action).expect("an action of the schema") {
            let condition = property.condition(action);
            let found =
                prover.permitted_unless(profile.policies(), &condition, environment).expect("an answer");
            assert!(
                found.is_none(),
                "`{action}` is permitted without `{condition}`:\n{}",
                found.expect("found")
            );
        }
    }
}

#[track_caller]
fn is_never_refused(name: &str) {
    let property = ALWAYS.iter().find(|property| property.name == name).expect("a stated property");
    let profile = Profile::load();
    let mut prover = start(&profile);
    let environments = profile.environments();
    for action in property.actions {
        for environment in environments.get(*action).expect("an action of the schema") {
            let condition = property.condition(action);
            let found =
                prover.refused_though(profile.policies(), &condition, environment).expect("an answer");
            assert!(
                found.is_none(),
                "`{action}` is refused though `{condition}`:\n{}",
                found.expect("found")
            );
        }
    }
}

/// An act of which nothing is said could be anybody's, and nobody would notice.
#[test]
fn something_is_said_of_every_action() {
    let profile = Profile::load();
    let said: BTreeSet<&str> =
        PROPERTIES.iter().chain(ALWAYS).flat_map(|property| property.actions).copied().collect();
    let environments = profile.environments();
    let actions: BTreeSet<&str> = environments.keys().map(String::as_str).collect();
    assert_eq!(said, actions);
}

/// Nothing is demanded but what the properties say: whoever meets them all is not sent away.
#[test]
fn nothing_more_is_demanded() {
    let profile = Profile::load();
    let mut prover = start(&profile);
    for (action, environments) in profile.environments() {
        let conditions: Vec<String> =
            Property::of(&action).map(|property| format!("({})", property.condition(&action))).collect();
        let all = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" && ") };
        for environment in &environments {
            let found = prover.refused_though(profile.policies(), &all, environment).expect("an answer");
            assert!(found.is_none(), "`{action}` is refused though `{all}`:\n{}", found.expect("found"));
        }
    }
}

/// A set that refuses everything has every property above.
#[test]
fn every_action_is_permitted_to_somebody() {
    let profile = Profile::load();
    let mut prover = start(&profile);
    for (action, environments) in profile.environments() {
        for environment in &environments {
            let found = prover.some_permitted(profile.policies(), environment).expect("an answer");
            assert!(found.is_some(), "`{action}` is never permitted");
        }
    }
}

/// Cedar skips a policy that fails; none ever does, whatever is asked.
#[test]
fn no_policy_ever_fails() {
    let profile = Profile::load();
    let mut prover = start(&profile);
    let environments: Vec<_> = profile.environments().into_values().flatten().collect();
    for policy in profile.policies().policies() {
        for environment in &environments {
            let never = prover.never_fails(policy, environment).expect("an answer");
            assert!(never, "`{}` can fail at {:?}", policy.id(), environment.action().to_string());
        }
    }
}

/// The questions above can be answered with no as well.
#[test]
fn the_solver_finds_what_is_wrong() {
    let profile = Profile::load();
    let mut prover = start(&profile);
    let environments = profile.environments();
    let [operate] = &environments["operate"][..] else { panic!("one environment") };
    let fails = r#"forbid (principal, action == Action::"operate", resource) unless { 9223372036854775807 + 1 > 0 };"#;
    let fails = cedar_policy::Policy::parse(None, fails).expect("a policy");
    assert!(!prover.never_fails(&fails, operate).expect("an answer"));
    let mut more = profile.policies().clone();
    let noon = r#"forbid (principal, action, resource) when { principal.section == "shimin" };"#;
    more.add(cedar_policy::Policy::parse(None, noon).expect("a policy")).expect("a new name");
    assert!(prover.refused_though(&more, "true", operate).expect("an answer").is_some());
    assert!(prover.permitted_unless(&more, "false", operate).expect("an answer").is_some());
    let nothing = cedar_policy::PolicySet::new();
    assert_eq!(prover.some_permitted(&nothing, operate).expect("an answer"), None);
}
