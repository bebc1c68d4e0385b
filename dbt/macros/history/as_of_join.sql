{#-
  Joins the version of a history that was valid at a moment: one row for every row that has the key, none more.

    {{ as_of_join(ref('dim_customers'), 'customers', on={'customer_id': 'orders.customer_id'}, at='orders.ordered_at') }}

  on   columns of the history's key, and what each has to equal
  at   expression: a timestamp without zone, or a date (its first moment). Null joins nothing
-#}
{% macro as_of_join(history, alias, on, at) -%}
    left join {{ history }} as {{ alias }}
        on
            {% for column, value in on.items() -%}
            {{ alias }}.{{ column }} = {{ value }}
            and {% endfor -%}
            {{ alias }}.valid_from <= {{ at }}
            and {{ alias }}.valid_to > {{ at }}
{%- endmacro %}
